// The states in which the window can be looked at, by name.
import type { MemberClip, Problem } from '../../api/types';
import type {
  Devices,
  HostEvents,
  LibraryAccess,
  ListedModel,
  RecorderSettings,
  RecordingView,
  ScreenPicture,
  SpeechView,
  TakeView,
  Warning,
  WindowView,
} from '../host';
import { clip, CLIPS, TALK_CLIPS } from './clips';
import {
  at,
  here,
  HOUR,
  LINK,
  linkOf,
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
  settings?: Partial<RecorderSettings>;
  /** Which of the first questions is asked, from 0. */
  firstStep?: number;
  windows?: readonly WindowView[];
  /** Null: nothing of the screen is seen. */
  screen?: ScreenPicture | null;
  level_dbfs?: number;
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

const ANY = Array.from({ length: 99 }, (_, n) => String(n));

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
  ['whisper-base-Q8_0', ANY, 84_000_000, null, '99 languages, quick'],
  ['whisper-large-v3-turbo-Q4_K_M', ANY, 530_000_000, null, '99 languages'],
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

/** Of somebody who has answered the first questions. */
export const SETTINGS: RecorderSettings = {
  sources: { screen: 'default', camera: 'default', microphone: 'default' },
  countdown_s: 3,
  target: 'display',
  region: null,
  bubble: { x: 0.1, y: 0.82, size: 0.3 },
  name: 'Ada',
  introduced: true,
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

export const OWN: LibraryAccess = { url: 'http://127.0.0.1:8455/', token: 'demo', own: true };
const TEAM: LibraryAccess = { url: 'https://clips.example.org/', token: 'demo', own: false };

const SILENT: Warning = { warning: 'silent', text: 'We can’t hear you.' };

const FIRST: State = { takes: [], settings: { name: null, introduced: false } };
const NO_DEVICES: Devices = { screens: [], cameras: [], microphones: [] };

export const STATES: Record<string, State> = {
  idle: { takes: OLD_TAKES },
  choosing: { takes: OLD_TAKES, preview: true, door: TEAM },
  'choosing-silent': { takes: [], preview: true, door: TEAM, level_dbfs: -80 },
  'choosing-window': {
    takes: [],
    preview: true,
    door: TEAM,
    settings: { target: 'window' },
  },
  'choosing-no-window': { takes: [], windows: [], settings: { target: 'window' } },
  'choosing-area': {
    takes: [],
    preview: true,
    door: TEAM,
    settings: { target: 'region', region: { x: 240, y: 200, width: 1200, height: 700 } },
  },
  'choosing-camera': {
    takes: [],
    preview: true,
    door: TEAM,
    settings: { sources: { screen: 'off', camera: 'default', microphone: 'default' } },
  },
  'choosing-bubble-off': { takes: [], preview: true, settings: { bubble: null } },
  'no-devices': {
    takes: [],
    devices: { ...DEVICES, cameras: [], microphones: [] },
  },
  'sound-refused': {
    takes: [],
    devices: {
      ...DEVICES,
      microphones: [],
      microphone_problem: {
        code: 'source_unavailable',
        message: 'The sound server refused Vignette',
        help: 'Run `pactl info` in a terminal: it says which server is used and why it refuses.',
      },
    },
  },
  none: {
    takes: [],
    screen: null,
    devices: NO_DEVICES,
    settings: {
      sources: { screen: 'off', camera: 'off', microphone: 'off' },
      countdown_s: 0,
    },
  },
  'first-name': FIRST,
  'first-library': { ...FIRST, firstStep: 1 },
  'first-connected': { ...FIRST, firstStep: 1, door: TEAM },
  'first-sound': { ...FIRST, firstStep: 2 },
  'first-download': {
    ...FIRST,
    firstStep: 2,
    speech: {
      download: {
        name: 'parakeet-tdt_ctc-110m-Q8_0',
        stage: 'coming',
        here_bytes: 52_000_000,
        size_bytes: 135_373_280,
      },
    },
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
    ended: {
      take: RUNNING,
      link: linkOf(1),
      copied: true,
      kept: true,
      discarded: false,
      problem: null,
    },
    clips: CLIPS,
  },
  suggested: {
    takes: [
      {
        ...stopped(running('stopped', '')),
        ...at(safe(12 * MEGABYTE)),
        transcript: { title: 'New checkout flow', summary: '', cues: 9, done: true, sent: true },
      },
    ],
    ended: {
      take: RUNNING,
      link: linkOf(1),
      copied: true,
      kept: true,
      discarded: false,
      problem: null,
    },
    door: TEAM,
    clips: CLIPS,
    speech: { models: MODELS.map((model, n) => ({ ...model, ready: n === 0, in_use: n === 0 })) },
  },
  discarded: {
    takes: [],
    preview: true,
    ended: {
      take: RUNNING,
      link: null,
      copied: false,
      kept: false,
      discarded: true,
      problem: null,
    },
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
