// The one door from the desktop window to its shell: what it can be asked, and what it tells. The shell tells whole
// snapshots, so a window that opens late asks once and then listens. Refusals are `Problem`s. The types are made from the
// program's own.
import type {
  BarView,
  BubbleView,
  CaptureTarget,
  ChosenSpeech,
  Devices,
  Events,
  GivenFile,
  LibraryAccess,
  Plan,
  Settings,
  ShortcutAction,
  ShortcutView,
  Snapshot,
  Sources,
  SpeechView,
  WindowView,
  Zoom,
} from './ipc.gen';

/** The kinds of source that a person chooses one of. */
export type SourceKind = Exclude<keyof Sources, 'background'>;

export type {
  BarView,
  BubbleView,
  CaptureTarget,
  ChosenEndpoint,
  ChosenSpeech,
  Device,
  Devices,
  DeviceSelector,
  Ended,
  EndpointView,
  Events as HostEvents,
  GivenFile,
  LibraryAccess,
  ListedModel,
  Phase,
  Plan,
  Rect,
  RecordingView,
  RehearsalView,
  ScreenPicture,
  Settings,
  ShortcutAction,
  ShortcutView,
  Sources,
  SpeechView,
  TakeView,
  TranscriptProgress,
  Warning,
  Whereabouts,
  WindowView,
} from './ipc.gen';

/** A take's details, in so far as they change. */
export interface DetailsChange {
  title?: string;
  summary?: string;
  live?: boolean;
}

/** What the window knows of the settings. */
export type RecorderSettings = Pick<
  Settings,
  'sources' | 'countdown_s' | 'target' | 'region' | 'bubble' | 'name' | 'introduced'
>;

/** What the floating bar asks of the shell, and the countdown. */
export interface BarHost {
  /** What it shows. */
  bar(): Promise<BarView | null>;
  /** Tells how large it is, in pixels. */
  sizeBar(width: number, height: number): Promise<void>;
  dragBar(dx: number, dy: number): Promise<void>;
  /** It was let go. */
  barMoved(): Promise<void>;
  /** Takes away what it shows of a recording that has ended. */
  dismissBar(): Promise<void>;

  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Gives the link, which is then on the clipboard. */
  stop(): Promise<string | null>;
  /** Keeps nothing. */
  cancel(): Promise<void>;
  /** Ends the recording; for ten seconds it can be brought back. */
  discard(): Promise<void>;
  /** Brings back what was discarded last; gives its id. */
  undoDiscard(): Promise<string>;
  /** Discards the recording and begins again. */
  restart(): Promise<void>;

  /** Hears one kind of event from when the promise is fulfilled until its answer is called. */
  on<K extends keyof Events>(event: K, listener: (payload: Events[K]) => void): Promise<() => void>;
}

export interface Host extends BarHost {
  snapshot(): Promise<Snapshot>;
  devices(): Promise<Devices>;
  settings(): Promise<RecorderSettings>;
  /** Without a target the one before stays. */
  keepSettings(sources: Sources, countdown_s: number, target?: CaptureTarget): Promise<void>;
  /** Windows of other programs that can be recorded alone, the one in front first. */
  windows(): Promise<readonly WindowView[]>;
  /** Moves or hides the camera's bubble, before and during a take; it is remembered. */
  setBubble(bubble: BubbleView | null): Promise<void>;
  /** What this person is called in the library of this computer from now on. */
  setName(name: string): Promise<void>;
  /** The first questions are answered or skipped, and not asked again. */
  introduce(): Promise<void>;

  library(): Promise<LibraryAccess>;
  /** Signs in with the person's browser; takes as long as the person does. */
  signIn(address: string): Promise<void>;
  /** Ends a sign-in that the person left; `signIn` is then refused. */
  cancelSignIn(): Promise<void>;
  /** Opens the page of the sign-in that is waited for in the person's browser again. */
  openSignInAgain(): Promise<void>;
  signInWithToken(address: string, token: string): Promise<void>;
  useOwnLibrary(): Promise<void>;

  speech(): Promise<SpeechView>;
  /** Begins to download a speech model; `speech` tells how far it is. */
  getModel(name: string): Promise<void>;
  /** Stops the download; what has arrived is kept. */
  stopDownload(): Promise<void>;
  useModel(name: string): Promise<void>;
  /** Lets the person pick a model file and uses it; false if they leave it. */
  chooseModelFile(): Promise<boolean>;
  removeModel(name: string): Promise<void>;
  chooseSpeech(chosen: ChosenSpeech): Promise<void>;

  /** Opens camera, microphone and screen; of those open before, what is the same stays open. */
  rehearse(sources: Sources, target: CaptureTarget): Promise<void>;
  endRehearsal(): Promise<void>;

  record(plan: Plan): Promise<void>;
  /** The newest link of a recording on this computer. */
  lastLink(): Promise<string | null>;
  /** Writes a take as an MP4 file where the person chooses; false if they leave it. */
  saveTake(take: string): Promise<boolean>;

  describe(take: string, details: DetailsChange): Promise<void>;
  /** Lets the person pick a video file; nothing if they leave it. */
  chooseVideo(): Promise<GivenFile | null>;
  /** Takes in a video file that was given, by its number, once; gives what a person should know of it, in sentences. */
  importFile(file: number, title: string): Promise<readonly string[]>;
  /** Removes a take from this computer; its clip stays in the library. */
  removeTake(take: string): Promise<void>;
  /** Tries at once what waits for its next try. */
  sendNow(): Promise<void>;

  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
  /** Opens a web address in the person's browser. */
  open(link: string): Promise<void>;
  /** Ends the app; a running take is stopped first, and kept or thrown away. */
  quit(keep: boolean): Promise<void>;

  /** The page has something to show. */
  painted(): Promise<void>;
  zoom(change: Zoom): Promise<void>;
  /** The keys that work in any program. */
  shortcuts(): Promise<readonly ShortcutView[]>;
  /** Gives an action other keys, such as `Ctrl+Shift+R`, or none. */
  setShortcut(action: ShortcutAction, keys: string | null): Promise<void>;
}
