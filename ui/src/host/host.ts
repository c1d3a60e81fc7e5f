// The one door from the desktop window to its shell: what it can be asked, and what it tells. The shell tells whole
// snapshots, so a window that opens late asks once and then listens. Refusals are `Problem`s.
import type { Problem } from '../api/types';
import type { Micros, UtcMicros } from '../time';

/** Something that can be recorded. */
export interface Device {
  /** What picks exactly this one. */
  id: string;
  name: string;
  default: boolean;
  /** Of screens, in pixels. */
  width?: number;
  height?: number;
}

export interface Devices {
  screens: Device[];
  cameras: Device[];
  microphones: Device[];
  /** Why microphones cannot be listed, if they cannot: that is not the same as that there are none. */
  microphone_problem?: Problem;
}

/** `off`, `default`, `synthetic`, a device's id, or part of its name. */
export type DeviceSelector = string;

export type SourceKind = 'screen' | 'camera' | 'microphone';

/** Which device for each kind of source. */
export type Sources = Record<SourceKind, DeviceSelector>;

/** Everything that is decided before a take begins. */
export interface Plan {
  sources: Sources;
  countdown_s: number;
  title: string;
  summary: string;
  live: boolean;
}

export type Phase = 'countdown' | 'recording' | 'paused' | 'finishing' | 'stopped';

/** Something a person should know while a source is open. */
export type Warning =
  | { warning: 'lost'; source: SourceKind; text: string }
  | { warning: 'missing'; text: string }
  | { warning: 'silent' }
  | { warning: 'busy' }
  | { warning: 'little_space'; free_bytes: number; folder: string };

/** The running take. */
export interface RecordingView {
  take: string;
  phase: Phase;
  /** Whole seconds until it begins. */
  countdown_s: number;
  /** How much has been kept. */
  duration_us: Micros;
  /** Once a library has given one. */
  link: string | null;
  level_dbfs: number | null;
  warnings: Warning[];
  /** How its words are coming along. */
  words?: TranscriptProgress;
}

/** How the words of a running take are coming along. */
export type TranscriptProgress =
  | { state: 'off' | 'later' }
  | { state: 'listening' | 'done'; cues: number }
  | { state: 'no_model' | 'failed'; problem: Problem };

/** What a machine has made of a take's sound so far. */
export interface TakeTranscript {
  title: string;
  /** Markdown. */
  summary: string;
  cues: number;
  /** Whether the whole take was heard. */
  done: boolean;
  /** Whether the library has them. */
  sent: boolean;
}

/** A speech model that can be had. */
export interface SpeechModel {
  name: string;
  languages: string[];
  size_bytes: number;
  licence: string;
  made_by: string;
  default_for: 'english' | 'multilingual' | null;
  note: string;
  here_bytes: number;
  ready: boolean;
  in_use: boolean;
}

/** A service as it was set up; its key is never shown. */
export interface Service {
  url: string;
  model: string;
  has_key: boolean;
}

/** What makes words of what is said. */
export interface SpeechView {
  off: boolean;
  models: SpeechModel[];
  /** A model file of the person's own that is in use. */
  file: string | null;
  mirror: string | null;
  /** What makes title, summary, chapters and tasks in place of this computer. */
  insights: Service | null;
  /** What hears in place of this computer. */
  speech: Service | null;
  download: { name: string; stage: 'asking' | 'coming' | 'ready'; here_bytes: number; size_bytes: number } | null;
  problem: Problem | null;
}

/** A service as a person writes it. */
export interface ChosenService {
  address: string;
  model: string;
  /** None: the one before stays; empty: it wants none. */
  key: string | null;
}

/** How a person wants words to be made. */
export interface ChosenSpeech {
  off: boolean;
  mirror: string | null;
  insights: ChosenService | null;
  speech: ChosenService | null;
}

/** Camera and microphone while nothing is recorded. */
export interface RehearsalView {
  level_dbfs: number | null;
  warnings: Warning[];
}

export type Whereabouts =
  | { place: 'on_this_computer'; size_bytes: number }
  | { place: 'sending'; sent_bytes: number; size_bytes: number }
  | { place: 'safe'; size_bytes: number };

/** A take on this computer. */
export interface TakeView {
  id: string;
  title: string;
  /** Markdown. */
  summary: string;
  link: string | null;
  recorded_at_us: UtcMicros;
  duration_us: Micros;
  phase: Phase;
  whereabouts: Whereabouts;
  whereabouts_text: string;
  /** What stands in the way of sending at the moment. It is tried again whatever it says. */
  problem: Problem | null;
  /** What a machine has made of it, beside what the person wrote. */
  words?: TakeTranscript | null;
}

/** How a take ended. */
export interface Ended {
  take: string;
  link: string | null;
  /** Whether stopping it put the link on the clipboard. */
  copied: boolean;
  /** Not kept: cancelled, or it failed. */
  kept: boolean;
  /** Why it ended, if not because a person wanted it. */
  problem: Problem | null;
}

export interface Snapshot {
  takes: TakeView[];
  recording: RecordingView | null;
}

export interface Settings {
  sources: Sources;
  countdown_s: number | null;
}

/** Where new takes go, and what opens it. */
export interface LibraryDoor {
  url: string;
  token: string | null;
  /** Whether it is this computer's own. */
  own: boolean;
}

/** A take's words, in so far as they change. */
export interface DetailsChange {
  title?: string;
  summary?: string;
  live?: boolean;
}

/** A file that the person picked or dropped. The shell alone knows where it is. */
export interface GivenFile {
  number: number;
  name: string;
}

/** What the shell tells, by name. */
export interface HostEvents {
  takes: TakeView[];
  recording: RecordingView | null;
  ended: Ended;
  rehearsal: RehearsalView;
  /** The camera's picture as an address for an `<img>`. */
  preview: string | null;
  /** Somebody wants to quit while a take runs or is on its way. */
  close_requested: null;
  /** Files were dropped on the window. */
  dropped: GivenFile[];
  /** How far the taking in of a file has come, in hundredths. */
  importing: number;
  words: SpeechView;
}

export interface Host {
  snapshot(): Promise<Snapshot>;
  devices(): Promise<Devices>;
  settings(): Promise<Settings>;
  keepSettings(sources: Sources, countdown_s: number): Promise<void>;

  library(): Promise<LibraryDoor>;
  /** Signs in with the person's browser; takes as long as the person does. */
  signIn(address: string): Promise<void>;
  signInWithToken(address: string, token: string): Promise<void>;
  useOwnLibrary(): Promise<void>;

  speech(): Promise<SpeechView>;
  /** Begins to download a speech model; `words` tells how far it is. */
  getModel(name: string): Promise<void>;
  /** Stops the download; what has arrived is kept. */
  stopDownload(): Promise<void>;
  useModel(name: string): Promise<void>;
  /** Lets the person pick a model file and uses it; false if they leave it. */
  chooseModelFile(): Promise<boolean>;
  removeModel(name: string): Promise<void>;
  chooseSpeech(chosen: ChosenSpeech): Promise<void>;

  /** Opens camera and microphone, in place of those open before. */
  rehearse(sources: Sources): Promise<void>;
  endRehearsal(): Promise<void>;

  record(plan: Plan): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Gives the link, which is then on the clipboard. */
  stop(): Promise<string | null>;
  /** Keeps nothing. */
  cancel(): Promise<void>;

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

  /** Hears one kind of event from when the promise is fulfilled until its answer is called. */
  on<K extends keyof HostEvents>(event: K, listener: (payload: HostEvents[K]) => void): Promise<() => void>;
}
