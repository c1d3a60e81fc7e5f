// The states in which the window can be looked at, by name.
import type { MemberClip, Problem } from '../../api/types';
import type {
  Devices,
  HostEvents,
  LibraryAccess,
  ListedModel,
  RecordingView,
  Settings,
  SpeechView,
  TakeView,
  Warning,
} from '../host';
import { clip, CLIPS, TALK_CLIPS } from './clips';
import {
  at,
  here,
  HOUR,
  LINK,
  LONG,
  MEGABYTE,
  NOW,
  OLD_TAKES,
  RUNNING,
  running,
  safe,
  sending,
  stopped,
  take,
  UNREACHED,
  view,
} from './takes';

const MANY = Array.from({ length: 60 }, (_, n) => n + 1);

/** Everything that a state consists of. */
export interface State {
  takes: TakeView[];
  recording?: RecordingView;
  ended?: HostEvents['ended'];
  devices?: Devices;
  settings?: Pick<Settings, 'sources' | 'countdown_s'>;
  title?: string;
  warnings?: HostEvents['rehearsal']['warnings'];
  preview?: boolean;
  closing?: boolean;
  page?: 'library' | 'settings' | undefined;
  openClip?: string | undefined;
  clips?: MemberClip[];
  away?: Problem;
  /** Takes whose clip is not in the library any more. */
  gone?: readonly string[];
  door?: LibraryAccess;
  /** What is typed into the library's search. */
  search?: string;
  speech?: Partial<SpeechView>;
}

export const MODELS: ListedModel[] = [
  [
    'parakeet-tdt_ctc-110m-Q8_0',
    ['en'],
    135_373_280,
    'english',
    'small, quick and about as good as the largest Whisper',
  ],
  [
    'parakeet-tdt-0.6b-v3-Q4_K_M',
    MANY.slice(0, 25).map(String),
    485_425_504,
    'multilingual',
    '25 European languages',
  ],
  ['whisper-tiny.en-Q8_0', ['en'], 45_904_544, null, 'the smallest download'],
].map(([name, languages, size_bytes, default_for, note]) => ({
  ...({ name, languages, size_bytes, default_for, note } as Pick<
    ListedModel,
    'name' | 'languages' | 'size_bytes' | 'default_for' | 'note'
  >),
  sha256: '',
  source: '',
  licence: 'CC-BY-4.0',
  made_by: 'NVIDIA',
  here_bytes: 0,
  ready: false,
  in_use: false,
}));

export const OWN: LibraryAccess = { url: 'http://127.0.0.1:8455/', token: 'demo', own: true };
const TEAM: LibraryAccess = { url: 'https://clips.example.org/', token: 'demo', own: false };

const SILENT: Warning = {
  warning: 'silent',
  text: 'No sound for 5 seconds: is the microphone muted?',
};

export const STATES: Record<string, State> = {
  idle: { takes: OLD_TAKES },
  choosing: {
    takes: OLD_TAKES,
    preview: true,
    door: TEAM,
    warnings: [SILENT],
  },
  none: {
    takes: [],
    devices: { screens: [], cameras: [], microphones: [] },
    settings: { sources: { screen: 'off', camera: 'off', microphone: 'off' }, countdown_s: 0 },
  },
  countdown: {
    takes: [running('countdown'), ...OLD_TAKES],
    recording: view('countdown'),
    preview: true,
  },
  recording: {
    takes: [running('recording'), ...OLD_TAKES],
    recording: view('recording'),
    preview: true,
  },
  paused: {
    takes: [running('paused'), ...OLD_TAKES],
    recording: view('paused', { level_dbfs: -70 }),
    preview: true,
  },
  warned: {
    takes: [running('recording'), ...OLD_TAKES],
    recording: view('recording', {
      warnings: [
        SILENT,
        {
          warning: 'lost',
          text: 'The camera “Desk camera” was unplugged; recording goes on without it.',
        },
        {
          warning: 'little_space',
          text: 'Only 1600 MB are free on the disk of /home/ada/takes; recording stops by itself at 500 MB, with everything kept',
        },
      ],
    }),
  },
  closing: {
    takes: [running('recording'), ...OLD_TAKES],
    recording: view('recording'),
    closing: true,
  },
  finishing: { takes: [running('finishing'), ...OLD_TAKES], recording: view('finishing') },
  'closing-sending': { takes: [stopped(running('stopped')), ...OLD_TAKES], closing: true },
  safe: {
    takes: [{ ...stopped(running('stopped')), ...at(safe(12 * MEGABYTE)) }, ...OLD_TAKES],
    ended: { take: RUNNING, link: LINK, copied: true, kept: true, discarded: false, problem: null },
  },
  sending: {
    takes: [stopped(running('stopped')), ...OLD_TAKES],
    ended: { take: RUNNING, link: LINK, copied: true, kept: true, discarded: false, problem: null },
  },
  failed: {
    takes: OLD_TAKES,
    ended: {
      take: RUNNING,
      link: null,
      copied: false,
      kept: false,
      discarded: false,
      problem: {
        code: 'source_unavailable',
        message: 'The screen “:0” cannot be recorded: the display closed the connection.',
        help: 'Check that it is plugged in and not used by another program.',
      },
    },
  },
  offline: {
    takes: [
      take(RUNNING, 'Said without a network', here(6 * MEGABYTE), {
        link: null,
        recorded_at_us: NOW,
        problem: UNREACHED,
      }),
      take('take-8', 'Begun before the network went', sending(4 * MEGABYTE, 29 * MEGABYTE), {
        problem: UNREACHED,
      }),
      ...OLD_TAKES,
    ],
    ended: {
      take: RUNNING,
      link: null,
      copied: false,
      kept: true,
      discarded: false,
      problem: null,
    },
    door: TEAM,
    away: UNREACHED,
  },
  empty: { takes: [] },
  'long-titles': {
    takes: [
      take('take-7', LONG, sending(400 * MEGABYTE, 4_000 * MEGABYTE)),
      take('take-6', LONG, safe(MEGABYTE)),
      ...OLD_TAKES,
    ],
    devices: {
      screens: [
        {
          id: ':0',
          name: 'A display whose maker gave it a name that does not fit anywhere at all',
          default: true,
          width: 5120,
          height: 2880,
        },
      ],
      cameras: [],
      microphones: [],
    },
    title: LONG,
  },
  many: {
    takes: MANY.map((n) =>
      take(`take-${n}`, `Take ${n}`, safe(n * MEGABYTE), { recorded_at_us: NOW - n * HOUR }),
    ),
  },
  'library-many': {
    takes: [],
    page: 'library',
    clips: MANY.map((n) =>
      clip(n, n % 6 === 0 ? LONG : `Recording ${n}`, 'ready', n % 7, {
        author: n % 5 === 0 ? 'עדה לאבלייס' : n % 5 === 2 ? 'Ada' : 'Grace',
        ...(n % 5 === 2 && { author_login: 'ada.two' }),
      }),
    ),
  },
  'library-unsent': {
    takes: [
      take('take-8', 'Begun before the network went', sending(4 * MEGABYTE, 29 * MEGABYTE), {
        problem: UNREACHED,
      }),
      take('take-7', '', here(6 * MEGABYTE), { link: null, problem: UNREACHED }),
      take('take-6', 'On its way', sending(24 * MEGABYTE, 30 * MEGABYTE)),
      take('take-5', 'Somebody deleted it', safe(MEGABYTE), {
        link: '/c/key-9',
        recorded_at_us: NOW - 9 * HOUR,
      }),
    ],
    page: 'library',
    clips: [
      clip(0, 'On its way', 'arriving', 0, { take: 'take-6', mine: true }),
      ...CLIPS.slice(1),
    ],
    gone: ['take-5'],
  },
  library: { takes: OLD_TAKES, page: 'library', clips: CLIPS },
  clip: { takes: OLD_TAKES, page: 'library', clips: CLIPS, openClip: 'clip-1' },
  'clip-transcript': { takes: OLD_TAKES, page: 'library', clips: TALK_CLIPS, openClip: 'clip-3' },
  search: { takes: OLD_TAKES, page: 'library', clips: CLIPS, search: 'offsets' },
  'search-nothing': { takes: OLD_TAKES, page: 'library', clips: CLIPS, search: 'nowhere' },
  'library-empty': { takes: [], page: 'library', clips: [] },
  'library-offline': { takes: [], page: 'library', clips: [], away: UNREACHED, door: TEAM },
  'library-recording': {
    takes: [running('recording')],
    recording: view('recording'),
    page: 'library',
    clips: CLIPS,
  },
  settings: { takes: [], page: 'settings' },
  'settings-download': {
    takes: [],
    page: 'settings',
    speech: {
      download: {
        name: 'parakeet-tdt_ctc-110m-Q8_0',
        stage: 'coming',
        here_bytes: 52_000_000,
        size_bytes: 135_373_280,
      },
    },
  },
  'settings-speech': {
    takes: [],
    page: 'settings',
    speech: {
      models: MODELS.map((model, n) => ({
        ...model,
        ready: n < 2,
        in_use: n === 0,
        here_bytes: n < 2 ? model.size_bytes : 0,
      })),
      insights: {
        url: 'http://localhost:11434/v1',
        model: 'qwen3:1.7b',
        timeout_s: null,
        has_key: false,
      },
      problem: UNREACHED,
    },
  },
  'settings-team': { takes: [], page: 'settings', door: TEAM },
};

export const DEVICES: Devices = {
  screens: [
    { id: ':0.HDMI-1', name: 'HDMI-1', default: true, width: 1920, height: 1080 },
    { id: ':0.DP-2', name: 'DP-2', default: false, width: 2560, height: 1440 },
  ],
  cameras: [{ id: '/dev/video0', name: 'Desk camera', default: true }],
  microphones: [
    { id: 'default', name: 'Desk microphone', default: true },
    { id: 'headset', name: 'Headset', default: false },
  ],
};
