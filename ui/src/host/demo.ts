// A shell and a library that are pictures of a state: for looking at the window without either.
import { Library } from '../api/library';
import { ProblemError } from '../api/problem';
import type { ClipPage, ClipState, Me, MemberClip, Problem, Reply } from '../api/types';
import { type Memory, temporaryMemory } from '../memory';
import { type Micros, SECOND, type UtcMicros } from '../time';
import type {
  Devices,
  Host,
  HostEvents,
  LibraryAccess,
  Phase,
  RecordingView,
  Settings,
  ListedModel,
  TakeView,
  Warning,
  Whereabouts,
  SpeechView,
} from './host';
import { foundIn, TALK } from './talk';

const MEGABYTE = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
const HOUR: Micros = 60 * MINUTE;
/** Demos stand still, so that pictures of them can be compared. */
const NOW: UtcMicros = Date.UTC(2026, 4, 20, 9, 30) * 1000;
const LINK = 'http://127.0.0.1:8455/c/2vL0wqXnRrW3mJcYtB7uSg';

const LONG =
  'How the scheduler decides which of the seventeen queues goes first, why that surprised everybody on Thursday, and what we could do instead_without_breaking_the_contract_that_all_of_the_older_clients_rely_on';
const SUMMARY = `Three things changed:\n\n1. **Offsets** are asked for, never assumed\n2. Retries wait with jitter\n3. The list says where the bytes are`;

const here = (size_bytes: number): Whereabouts => ({ place: 'on_this_computer', size_bytes });
const sending = (sent_bytes: number, size_bytes: number): Whereabouts => ({
  place: 'sending',
  sent_bytes,
  size_bytes,
});
const safe = (size_bytes: number): Whereabouts => ({ place: 'safe', size_bytes });

const at = (whereabouts: Whereabouts) => ({
  whereabouts,
  whereabouts_text: whereaboutsText(whereabouts),
});

function whereaboutsText(whereabouts: Whereabouts): string {
  const megabytes = (bytes: number) => Math.ceil(bytes / MEGABYTE);
  switch (whereabouts.place) {
    case 'on_this_computer':
      return 'on this computer';
    case 'sending':
      return `${megabytes(whereabouts.sent_bytes)} of ${megabytes(whereabouts.size_bytes)} MB sent`;
    case 'safe':
      return 'safe in the library';
  }
}

function take(
  id: string,
  title: string,
  whereabouts: Whereabouts,
  more: Partial<TakeView> = {},
): TakeView {
  return {
    id,
    title,
    summary: SUMMARY,
    link: LINK,
    recorded_at_us: NOW - 2 * HOUR,
    duration_us: 4 * MINUTE + 12 * SECOND,
    phase: 'stopped',
    whereabouts,
    whereabouts_text: whereaboutsText(whereabouts),
    problem: null,
    transcript: null,
    ...more,
  };
}

const OLD_TAKES = [
  take('take-2', 'Resumable uploads, walked through', safe(31 * MEGABYTE)),
  take('take-3', 'Bug: the caret jumps when a reply arrives', safe(9 * MEGABYTE), {
    recorded_at_us: NOW - 26 * HOUR,
    duration_us: 48 * SECOND,
  }),
];

const RUNNING = 'take-9';
const running = (phase: Phase, title = 'Release 0.4: what changes for you'): TakeView =>
  take(RUNNING, title, sending(11 * MEGABYTE, 12 * MEGABYTE), {
    recorded_at_us: NOW,
    duration_us: MINUTE + 23 * SECOND,
    phase,
  });

const view = (phase: Phase, more: Partial<RecordingView> = {}): RecordingView => ({
  take: RUNNING,
  phase,
  countdown_s: phase === 'countdown' ? 3 : 0,
  duration_us: phase === 'countdown' ? 0 : MINUTE + 23 * SECOND,
  link: LINK,
  level_dbfs: -21,
  warnings: [],
  transcript: { state: 'listening', cues: 7 },
  ...more,
});

const UNREACHED: Problem = {
  code: 'unreachable',
  message: 'The library at clips.example.org could not be reached.',
  help: 'Check the address and the network; nothing is lost meanwhile.',
};

const MANY = Array.from({ length: 50 }, (_, n) => n + 1);

/** A picture of a slide, drawn here so that nothing is fetched. */
function picture(hue: number, caption: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180" fill="hsl(${hue} 30% 22%)"/><rect x="24" y="28" width="180" height="12" rx="3" fill="hsl(${hue} 50% 80%)"/><rect x="24" y="56" width="250" height="6" rx="3" fill="hsl(${hue} 20% 60%)"/><rect x="24" y="72" width="220" height="6" rx="3" fill="hsl(${hue} 20% 60%)"/><rect x="24" y="88" width="236" height="6" rx="3" fill="hsl(${hue} 20% 60%)"/><circle cx="278" cy="138" r="26" fill="hsl(${hue + 140} 35% 55%)"/><text x="24" y="150" font-family="sans-serif" font-size="14" fill="#fff">${caption}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function clip(
  n: number,
  title: string,
  state: ClipState,
  replies: number,
  more: Partial<MemberClip> = {},
): MemberClip {
  return {
    id: `clip-${n}`,
    key: `key-${n}`,
    link: LINK,
    sealed_sha256: null,
    mine: n % 3 === 0,
    title,
    summary: SUMMARY,
    summary_html: '<p>Three things changed.</p>',
    author: ['Ada', 'Grace', 'Edsger'][n % 3] ?? 'Ada',
    recorded_at_us: NOW - n * 7 * HOUR,
    state,
    live: false,
    duration_us: (n + 1) * 47 * SECOND,
    size_bytes: 12 * MEGABYTE,
    width: 1920,
    height: 1080,
    poster: state === 'recording' ? null : picture(n * 67, `Slide ${n}`),
    hls: null,
    mp4: null,
    replies,
    guests: true,
    ...more,
  };
}

const CLIPS = [
  clip(0, 'Release 0.4: what changes for you', 'recording', 0),
  clip(1, 'Resumable uploads, walked through', 'ready', 5),
  clip(2, 'Bug: the caret jumps when a reply arrives', 'ready', 1),
  clip(3, '', 'interrupted', 0),
  clip(4, LONG, 'arriving', 12),
];

/** The third one is Ada's own. */
const TALK_CLIPS = CLIPS.map((clip) => ({
  ...clip,
  transcript: { version: 1, done: true },
  title_by: { by: 'person' as const },
  summary_by: { by: 'machine' as const, model: 'extractive' },
}));

const reply = (n: number, name: string, body: string, at_us: Micros | null): Reply => ({
  id: `reply-${n}`,
  parent: null,
  name,
  member: n === 1,
  body,
  body_html: `<p>${body}</p>`,
  anchor: at_us === null ? null : { start_us: at_us },
  created_at_us: NOW + n * MINUTE,
  edited_at_us: null,
  mine: n === 1,
});

const REPLIES = [
  reply(1, 'Ada', 'Slide 2 says “three”, I count four.', 12 * SECOND),
  reply(2, 'Grace', 'This is what I was looking for, thank you.', 58 * SECOND),
  reply(3, 'Edsger', 'Can we have the numbers for March, too?', null),
];

/** Everything that a state consists of. */
interface State {
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
  door?: LibraryAccess;
  /** What is typed into the library's search. */
  search?: string;
  speech?: Partial<SpeechView>;
}

const MODELS: ListedModel[] = [
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

const OWN: LibraryAccess = { url: 'http://127.0.0.1:8455/', token: 'demo', own: true };
const TEAM: LibraryAccess = { url: 'https://clips.example.org/', token: 'demo', own: false };
const stopped = (take: TakeView): TakeView => ({ ...take, phase: 'stopped' });

const SILENT: Warning = {
  warning: 'silent',
  text: 'No sound for 5 seconds: is the microphone muted?',
};

const STATES: Record<string, State> = {
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
    ended: { take: RUNNING, link: LINK, copied: true, kept: true, problem: null },
  },
  sending: {
    takes: [stopped(running('stopped')), ...OLD_TAKES],
    ended: { take: RUNNING, link: LINK, copied: true, kept: true, problem: null },
  },
  failed: {
    takes: OLD_TAKES,
    ended: {
      take: RUNNING,
      link: null,
      copied: false,
      kept: false,
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
    ended: { take: RUNNING, link: null, copied: false, kept: true, problem: null },
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
    clips: MANY.map((n) => clip(n, `Clip ${n}`, 'ready', n % 7)),
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

/** The names of the states there are. */
export const DEMO_STATES = Object.keys(STATES);

const DEVICES: Devices = {
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

/** A connection that stands and brings nothing. */
function opened(listener: { open(): void }) {
  queueMicrotask(() => listener.open());
  return () => undefined;
}

class DemoLibrary extends Library {
  constructor(private readonly state: State) {
    super('', 'demo');
  }

  override me = (): Promise<Me> =>
    this.state.away
      ? Promise.reject(new ProblemError(this.state.away))
      : Promise.resolve({
          person: 'person-1',
          name: 'Ada',
          library: "Ada's library",
          version: '0.1.0',
        });
  override clips = (): Promise<ClipPage> =>
    Promise.resolve({ clips: this.state.clips ?? [], next: null });
  override transcript = () => Promise.resolve(TALK);
  override search = (query: string) =>
    Promise.resolve(query === 'nowhere' ? { hits: [] } : foundIn(CLIPS));
  override deleteClip = () => Promise.resolve(undefined);
  override replies = () =>
    Promise.resolve({
      replies: REPLIES,
      moments: REPLIES.flatMap(({ id, anchor }) =>
        anchor ? [{ id, at_us: anchor.start_us }] : [],
      ),
    });
  override listenToLibrary = (listener: { open(): void }) => opened(listener);
  override listenToClip = (_key: string, listener: { open(): void }) => opened(listener);
}

/** A state as the window is opened with it. */
export interface Demo {
  host: Host;
  connect: () => Library;
  memory: Memory;
  page: 'library' | 'settings' | undefined;
  openClip: string | undefined;
  search: string;
}

/** What the window is opened with to show a state; the first one if there is none of that name. */
export function demo(name: string): Demo {
  const state = STATES[name] ?? { takes: [] };
  const on = <K extends keyof HostEvents>(event: K, listener: (payload: HostEvents[K]) => void) => {
    const payloads: Partial<HostEvents> = {
      preview: state.preview ? picture(20, '') : null,
      rehearsal: { level_dbfs: -24, warnings: state.warnings ?? [] },
      ...(state.ended && { ended: state.ended }),
      ...(state.closing && { close_requested: null }),
    };
    const emit = () => {
      if (payloads[event] !== undefined) listener(payloads[event]);
    };
    setTimeout(emit, 50);
    return Promise.resolve(() => undefined);
  };
  const nothing = () => Promise.resolve();
  const host: Host = {
    snapshot: () => Promise.resolve({ takes: state.takes, recording: state.recording ?? null }),
    devices: () => Promise.resolve(state.devices ?? DEVICES),
    settings: () =>
      Promise.resolve(
        state.settings ?? {
          sources: { screen: 'default', camera: 'default', microphone: 'default' },
          countdown_s: 3,
        },
      ),
    keepSettings: nothing,
    library: () => Promise.resolve(state.door ?? OWN),
    signIn: () => Promise.reject(new ProblemError(UNREACHED)),
    signInWithToken: () => Promise.reject(new ProblemError(UNREACHED)),
    useOwnLibrary: nothing,
    speech: () =>
      Promise.resolve({
        off: false,
        models: MODELS,
        file: null,
        mirror: null,
        insights: null,
        transcription: null,
        download: null,
        problem: null,
        ...state.speech,
      }),
    getModel: nothing,
    stopDownload: nothing,
    useModel: nothing,
    chooseModelFile: () => Promise.resolve(false),
    removeModel: nothing,
    chooseSpeech: nothing,
    rehearse: nothing,
    endRehearsal: nothing,
    record: nothing,
    pause: nothing,
    resume: nothing,
    stop: () => Promise.resolve(LINK),
    cancel: nothing,
    describe: nothing,
    chooseVideo: () => Promise.resolve(null),
    importFile: () => Promise.resolve([]),
    removeTake: nothing,
    sendNow: nothing,
    copy: nothing,
    open: nothing,
    quit: nothing,
    on,
  };
  return {
    host,
    connect: () => new DemoLibrary(state),
    memory: temporaryMemory(),
    page: state.page,
    openClip: state.openClip,
    search: state.search ?? '',
  };
}
