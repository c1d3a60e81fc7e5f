// A shell and a library that are pictures of a state: for looking at the window without either.
import { Library } from '../api/library';
import { ProblemError } from '../api/problem';
import type { ClipPage, ClipSelection, Me } from '../api/types';
import { type Memory, temporaryMemory } from '../memory';
import { demoBar, SHORTCUTS } from './demo/bar';
import { CLIPS, REPLIES } from './demo/clips';
import { DEVICES, MODELS, OWN, SETTINGS, type State, STATES } from './demo/states';
import { face, SCREEN, WINDOWS } from './demo/screens';
import { LINK, UNREACHED } from './demo/takes';
import type { Host, HostEvents } from './host';
import { foundIn, TALK } from './talk';

/** The names of the states there are. */
export const DEMO_STATES = Object.keys(STATES);

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
  override clips = (
    _after?: string,
    { only = 'all', take }: { only?: ClipSelection; take?: string } = {},
  ): Promise<ClipPage> => {
    const all = this.state.clips ?? [];
    const isThere = take === undefined || !this.state.gone?.includes(take);
    const clips = take === undefined ? all : isThere ? all.slice(0, 1) : [];
    return Promise.resolve({
      clips: clips.filter(
        ({ mine, progress }) =>
          only === 'all' || (only === 'mine' ? mine : progress?.unopened || progress?.new_replies),
      ),
      next: null,
    });
  };
  override noteProgress = () => Promise.resolve(undefined);
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
  override reactions = () => Promise.resolve({ reactions: [] });
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
      preview: state.preview ? face() : null,
      screen_preview: state.screen === undefined ? SCREEN : state.screen,
      rehearsal: { level_dbfs: state.level_dbfs ?? -24, warnings: state.warnings ?? [] },
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
    ...demoBar('recording'),
    snapshot: () => Promise.resolve({ takes: state.takes, recording: state.recording ?? null }),
    devices: () => Promise.resolve(state.devices ?? DEVICES),
    settings: () => Promise.resolve({ ...SETTINGS, ...state.settings }),
    keepSettings: nothing,
    setName: nothing,
    introduce: nothing,
    library: () => Promise.resolve(state.door ?? OWN),
    // Whoever signs in is in the browser until they cancel it.
    signIn: () => new Promise(() => undefined),
    cancelSignIn: nothing,
    openSignInAgain: nothing,
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
    windows: () => Promise.resolve(state.windows ?? WINDOWS),
    setBubble: nothing,
    rehearse: nothing,
    endRehearsal: nothing,
    record: nothing,
    lastLink: () => Promise.resolve(LINK),
    painted: nothing,
    zoom: nothing,
    shortcuts: () => Promise.resolve(SHORTCUTS),
    setShortcut: nothing,
    saveTake: () => Promise.resolve(true),
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
  const memory = temporaryMemory();
  if (state.firstStep !== undefined) memory.set('first-run-step', state.firstStep);
  return {
    host,
    connect: () => new DemoLibrary(state),
    memory,
    page: state.page,
    openClip: state.openClip,
    search: state.search ?? '',
  };
}
