// Made from src-tauri/src/ipc.rs by `./dev generate`.
import type { Problem } from '../api/types';
import type { Span, UtcMicros } from '../time';

/** `off`, `default`, `synthetic`, a device's id, or part of its name. */
export type DeviceSelector = string;

/** Characters that a title, and a summary, may have. */
export const TITLE_MAX_CHARS = 200;
export const SUMMARY_MAX_CHARS = 20000;
/** Characters that a person's name may have. */
export const NAME_MAX_CHARS = 80;
/** Below this there is nothing to hear. */
export const SILENCE_THRESHOLD_DBFS = -60;

/**
 * What the bar shows. Times are whole seconds and the level has six steps, so that a view is
 * another one only if it looks different.
 */
export type BarView = { "state": "countdown", 
/**
 * Whole seconds.
 */
seconds: number, } | { "state": "running", 
/**
 * Whether it is paused.
 */
paused: boolean, 
/**
 * Whether it is being stopped.
 */
finishing: boolean, 
/**
 * How much has been kept, in whole seconds.
 */
duration_us: Span, 
/**
 * How many of five lines are lit; none: there is no microphone.
 */
level: number | null, 
/**
 * Hundredths of it that the library has.
 */
sent_percent: number, 
/**
 * What a person should know.
 */
warnings: Array<Warning>, } | { "state": "saved", 
/**
 * Whether its link is on the clipboard.
 */
copied: boolean, } | { "state": "discarded" } | { "state": "failed", 
/**
 * Why, in a sentence.
 */
text: string, };

/**
 * Where the camera's bubble lies. It is always moved so that all of it lies in the picture, at
 * least a fortieth of the shorter side away from its edges.
 */
export type BubbleView = { 
/**
 * Its centre, as a fraction of the picture's width from the left.
 */
x: number, 
/**
 * Its centre, as a fraction of the picture's height from the top.
 */
y: number, 
/**
 * Its diameter, as a fraction of the picture's shorter side: 0.05 to 0.8.
 */
size: number, };

/**
 * What of a screen is captured.
 */
export type CaptureTarget = { "target": "display" } | { "target": "window", 
/**
 * The system's number of it, see [`crate::windows`].
 */
id: number, } | { "target": "region", 
/**
 * In pixels of that display. What lies outside of it is left out.
 */
rect: Rect, } | { "target": "portal", 
/**
 * What the last choice gave; with it the system need not ask again.
 */
restore_token?: string, };

/**
 * An endpoint as a person writes it.
 */
export type ChosenEndpoint = { 
/**
 * Its base address.
 */
address: string, 
/**
 * The model to ask for.
 */
model: string, 
/**
 * None: the one before stays; empty: it wants none.
 */
key: string | null, };

/**
 * How a person wants speech to be transcribed.
 */
export type ChosenSpeech = { 
/**
 * Whether nothing is transcribed.
 */
off: boolean, 
/**
 * Where models are downloaded from; none or empty: their usual place.
 */
mirror: string | null, 
/**
 * What makes title, summary, chapters and tasks; none: this computer.
 */
insights: ChosenEndpoint | null, 
/**
 * What transcribes; none: this computer.
 */
transcription: ChosenEndpoint | null, };

/**
 * For whom a model is the first choice.
 */
export type DefaultFor = "english" | "multilingual";

/**
 * Something a source can be made of.
 */
export type Device = { 
/**
 * What picks exactly this one, now and after it was plugged out and in again.
 */
id: string, 
/**
 * What a person calls it.
 */
name: string, 
/**
 * Whether the system prefers it.
 */
default: boolean, 
/**
 * Width in pixels; screens only.
 */
width?: number, 
/**
 * Height in pixels; screens only.
 */
height?: number, };

/**
 * All devices that can be selected at the moment, the preferred one first.
 */
export type Devices = { 
/**
 * Displays; empty on systems where recording them is not supported yet.
 */
screens: Array<Device>, 
/**
 * Webcams.
 */
cameras: Array<Device>, 
/**
 * Microphones, and the sound server's default if that is something else.
 */
microphones: Array<Device>, 
/**
 * The error if microphones cannot be listed, which is different from an empty list.
 */
microphone_problem?: Problem, };

/**
 * How a take ended, for the window.
 */
export type Ended = { take: string, link: string | null, 
/**
 * Whether stopping it put the link on the clipboard.
 */
copied: boolean, 
/**
 * Not kept: cancelled, or it failed.
 */
kept: boolean, 
/**
 * Thrown away, and can be brought back for ten seconds.
 */
discarded: boolean, 
/**
 * Why it ended, if not because a person wanted it.
 */
problem: Problem | null, };

/**
 * An OpenAI-compatible endpoint. Its key, if it wants one, lies in a file that only this person
 * can read.
 */
export type EndpointSettings = { 
/**
 * Its base address, such as `http://localhost:11434/v1`.
 */
url: string, 
/**
 * The model to ask for.
 */
model: string, 
/**
 * How many seconds it may take for one clip; none: five minutes.
 */
timeout_s: number | null, };

/**
 * An endpoint as it was set up; its key is never shown.
 */
export type EndpointView = { 
/**
 * Whether a key for it is kept.
 */
has_key: boolean, 
/**
 * Its base address, such as `http://localhost:11434/v1`.
 */
url: string, 
/**
 * The model to ask for.
 */
model: string, 
/**
 * How many seconds it may take for one clip; none: five minutes.
 */
timeout_s: number | null, };

/**
 * Under what number a file was given. No number is used twice while the app runs.
 */
export type FileNumber = number;

/**
 * A file as the page knows it.
 */
export type GivenFile = { number: FileNumber, 
/**
 * Its name, without the folders that it lies in.
 */
name: string, };

/**
 * Where new takes go, and what opens it.
 */
export type LibraryAccess = { 
/**
 * Address of the library.
 */
url: string, 
/**
 * What opens it; none: nobody has signed in.
 */
token: string | null, 
/**
 * Whether it is this computer's own.
 */
own: boolean, };

/**
 * A model of the table, and whether it is on this computer.
 */
export type ListedModel = { 
/**
 * Bytes of it on this computer.
 */
here_bytes: number, 
/**
 * Whether it is complete and checked.
 */
ready: boolean, 
/**
 * Whether it is the model in use.
 */
in_use: boolean, 
/**
 * What it is called; its file is this with `.gguf`.
 */
name: string, 
/**
 * Codes of the languages it knows (ISO 639).
 */
languages: Array<string>, 
/**
 * How long its file is.
 */
size_bytes: number, 
/**
 * The SHA-256 of its file, in hexadecimal.
 */
sha256: string, 
/**
 * SPDX identifier of what its makers allow.
 */
licence: string, 
/**
 * Who made it: to be named wherever it is offered.
 */
made_by: string, 
/**
 * Where it is, below [`HOST`] or a mirror.
 */
source: string, 
/**
 * For whom it is the first choice.
 */
default_for: DefaultFor | null, 
/**
 * In a few words, why one would take it.
 */
note: string, };

/**
 * A model on its way.
 */
export type ModelDownload = { 
/**
 * The model's name.
 */
name: string, 
/**
 * What the download is doing.
 */
stage: Stage, 
/**
 * Bytes that have arrived.
 */
here_bytes: number, 
/**
 * Size of the model.
 */
size_bytes: number, };

/**
 * What a take is doing.
 */
export type Phase = "countdown" | "recording" | "paused" | "finishing" | "stopped";

/**
 * Everything that is decided before a take begins.
 */
export type Plan = { 
/**
 * What to record.
 */
sources: Sources, 
/**
 * Seconds between pressing record and the first picture that is kept: 0 to 10.
 */
countdown_s: number, 
/**
 * May be empty, and changed at any time.
 */
title: string, 
/**
 * Markdown; may be empty, and changed at any time.
 */
summary: string, 
/**
 * Whether those with the link may watch while it is being recorded.
 */
live: boolean, 
/**
 * Pictures a second at most.
 */
fps_max: number, 
/**
 * What of the screen is recorded.
 */
target: CaptureTarget, 
/**
 * Whether the windows of this program are left out of the picture.
 */
exclude_own_windows: boolean, };

/**
 * A running take as a window or a program sees it: always the whole.
 */
export type RecordingView = { 
/**
 * Which take.
 */
take: string, 
/**
 * What it is doing.
 */
phase: Phase, 
/**
 * Whole seconds until it begins.
 */
countdown_s: number, 
/**
 * How much has been kept.
 */
duration_us: Span, 
/**
 * The clip's link, once a library has given one.
 */
link: string | null, 
/**
 * How loud the microphone is, in dBFS.
 */
level_dbfs: number | null, 
/**
 * What a person should know.
 */
warnings: Array<Warning>, 
/**
 * How its transcript is coming along; it may be done some moments after the take has stopped.
 */
transcript: TranscriptProgress, };

/**
 * A rectangle in pixels; the origin is the top left corner.
 */
export type Rect = { 
/**
 * Left edge.
 */
x: number, 
/**
 * Top edge.
 */
y: number, 
/**
 * Width.
 */
width: number, 
/**
 * Height.
 */
height: number, };

/**
 * What did not work.
 */
export type Refused = { 
/**
 * Why.
 */
problem: Problem, };

/**
 * What can be seen of a rehearsal, always the whole.
 */
export type RehearsalView = { 
/**
 * How loud the microphone is, in dBFS.
 */
level_dbfs: number | null, 
/**
 * What does not work.
 */
warnings: Array<Warning>, };

/**
 * A small picture of exactly what would be recorded of the screen.
 */
export type ScreenPicture = { 
/**
 * A JPEG as an address for an `<img>`, at most 480 pixels wide.
 */
address: string, 
/**
 * Width in pixels of what is recorded.
 */
width: number, 
/**
 * Height in pixels of what is recorded.
 */
height: number, };

/**
 * Kept as `settings.json` in the folder for settings.
 */
export type Settings = { 
/**
 * The library that new takes go to; none: this computer's own.
 */
library: string | null, 
/**
 * What was recorded last time.
 */
sources: Sources, 
/**
 * What kind of thing of the screen was recorded last time.
 */
target: TargetKind, 
/**
 * The region of a display that was recorded last.
 */
region: Rect | null, 
/**
 * Where the camera lies over the screen; none: it is hidden.
 */
bubble: BubbleView | null, 
/**
 * Seconds of countdown; none: three.
 */
countdown_s: number | null, 
/**
 * How speech is transcribed. Files of versions before 0.2 call it `words`.
 */
speech: SpeechSettings, 
/**
 * What this person is called in the library of this computer; none: as their account on this
 * computer.
 */
name: string | null, 
/**
 * Whether the first questions were answered or skipped. Settings of versions that did not ask
 * say nothing of it, and who has them is not asked.
 */
introduced: boolean, };

/**
 * What a global shortcut does.
 */
export type ShortcutAction = "record" | "pause" | "restart" | "discard";

/**
 * The keys of one action, as the settings show them.
 */
export type ShortcutView = { 
/**
 * What they do.
 */
action: ShortcutAction, 
/**
 * Such as `Ctrl+Shift+R`; none: nothing does it.
 */
keys: string | null, 
/**
 * Those of a new installation.
 */
usual: string | null, 
/**
 * Why they do not work, in a sentence.
 */
problem: string | null, };

/**
 * Everything that a window shows of the recorder.
 */
export type Snapshot = { takes: Array<TakeView>, recording: RecordingView | null, };

/**
 * The sources that a person chose: pictures first, then sound, in the order of their tracks. Those
 * that are *off* are kept too, so that the choice is remembered.
 */
export type Sources = { screen: DeviceSelector, camera: DeviceSelector, microphone: DeviceSelector, 
/**
 * More sources of sound.
 */
background?: Array<string>, };

/**
 * What a person chose about speech. Which speech model is in use is kept beside the models.
 */
export type SpeechSettings = { 
/**
 * Whether nothing is transcribed.
 */
off: boolean, 
/**
 * Where models are downloaded from instead of their usual place.
 */
mirror: string | null, 
/**
 * A language model that makes title, summary, chapters and tasks; none: rules on this computer
 * do. What was said leaves this computer only if there is one.
 */
insights: EndpointSettings | null, 
/**
 * A speech model elsewhere that is sent the sound of a take after it was recorded, in place of
 * the one on this computer. Files of versions before 0.2 call it `speech`.
 */
transcription: EndpointSettings | null, };

/**
 * Everything that a window shows of it.
 */
export type SpeechView = { 
/**
 * Whether nothing is transcribed.
 */
off: boolean, 
/**
 * The models there are.
 */
models: Array<ListedModel>, 
/**
 * A model file of the person's own that is in use.
 */
file: string | null, 
/**
 * Where models are downloaded from instead of their usual place.
 */
mirror: string | null, 
/**
 * What makes title, summary, chapters and tasks in place of this computer.
 */
insights: EndpointView | null, 
/**
 * What transcribes in place of this computer.
 */
transcription: EndpointView | null, 
/**
 * A model on its way.
 */
download: ModelDownload | null, 
/**
 * Why the last download, or the transcription of the last take, failed.
 */
problem: Problem | null, };

/**
 * What a download is doing.
 */
export type Stage = "asking" | "coming" | "ready";

/**
 * What a machine has made of a take's sound so far.
 */
export type TakeTranscript = { 
/**
 * To be shown as a machine's where the person gave no title; may be empty.
 */
title: string, 
/**
 * The same for the summary, in Markdown.
 */
summary: string, 
/**
 * How many cues there are.
 */
cues: number, 
/**
 * Whether the whole take was heard.
 */
done: boolean, 
/**
 * Whether the library has them.
 */
sent: boolean, };

/**
 * Everything a window or a program needs to know of a take, as one snapshot.
 */
export type TakeView = { 
/**
 * Which take.
 */
id: string, 
/**
 * Its title; may be empty.
 */
title: string, 
/**
 * Its summary in Markdown; may be empty.
 */
summary: string, 
/**
 * The clip's link, once a library has given one.
 */
link: string | null, 
/**
 * When it was begun.
 */
recorded_at_us: UtcMicros, 
/**
 * How much has been recorded, pauses left out.
 */
duration_us: Span, 
/**
 * What it is doing.
 */
phase: Phase, 
/**
 * Where its bytes are.
 */
whereabouts: Whereabouts, 
/**
 * The same in words.
 */
whereabouts_text: string, 
/**
 * What stands in the way of sending at the moment, if anything. Sending is tried again whatever it says.
 */
problem: Problem | null, 
/**
 * What a machine has made of its sound so far. Title and summary above are the person's alone.
 */
transcript: TakeTranscript | null, };

/**
 * The kinds of [`CaptureTarget`]. Settings remember the kind alone: another window has the number
 * after the next start.
 */
export type TargetKind = "display" | "window" | "region" | "portal";

/**
 * How the transcript of a running take is coming along.
 */
export type TranscriptProgress = { "state": "off" } | { "state": "later" } | { "state": "no_model", 
/**
 * What is missing and how to get it.
 */
problem: Problem, } | { "state": "listening", 
/**
 * Cues so far.
 */
cues: number, } | { "state": "done", 
/**
 * How many cues that are.
 */
cues: number, } | { "state": "failed", 
/**
 * Why.
 */
problem: Problem, };

/**
 * A [`Warning`] for a window or another program, with the sentence that a person reads.
 */
export type Warning = { 
/**
 * What kind of warning it is.
 */
warning: WarningKind, 
/**
 * The sentence that says it.
 */
text: string, };

/**
 * The kinds of [`Warning`].
 */
export type WarningKind = "lost" | "missing" | "silent" | "busy" | "little_space";

/**
 * Where the bytes of a take are. `Display` says it the way the app does, and it is always true: only what the library
 * has acknowledged counts as sent, and only a sealed clip of the same digest is safe.
 */
export type Whereabouts = { "place": "on_this_computer", 
/**
 * Size of the stream so far.
 */
size_bytes: number, } | { "place": "sending", 
/**
 * Bytes acknowledged.
 */
sent_bytes: number, 
/**
 * Size of the stream so far.
 */
size_bytes: number, } | { "place": "safe", 
/**
 * Size of the whole stream.
 */
size_bytes: number, };

/**
 * A window of another program.
 */
export type WindowView = { 
/**
 * The system's number of it: what [`vignette_capture::CaptureTarget::Window`] takes.
 */
id: number, 
/**
 * Its title; may be empty.
 */
title: string, 
/**
 * The program that it belongs to; may be empty.
 */
program: string, 
/**
 * Width in pixels.
 */
width: number, 
/**
 * Height in pixels.
 */
height: number, 
/**
 * A JPEG as an address for an `<img>`, at most 240 pixels wide.
 */
picture: string | null, };

/**
 * A change of the zoom.
 */
export type Zoom = "in" | "out" | "reset";

/** What the window may ask, by name. */
export interface Commands {
  snapshot: { arguments: {}; answer: Snapshot };
  devices: { arguments: {}; answer: Devices };
  settings: { arguments: {}; answer: Settings };
  windows: { arguments: {}; answer: Array<WindowView> };
  keep_settings: { arguments: { sources: Sources; countdownS: number; target?: CaptureTarget | null }; answer: null };
  set_bubble: { arguments: { bubble?: BubbleView | null }; answer: null };
  library: { arguments: {}; answer: LibraryAccess };
  set_name: { arguments: { name: string }; answer: null };
  introduce: { arguments: {}; answer: null };
  sign_in: { arguments: { address: string }; answer: null };
  sign_in_with_token: { arguments: { address: string; token: string }; answer: null };
  cancel_sign_in: { arguments: {}; answer: null };
  open_sign_in_again: { arguments: {}; answer: null };
  use_own_library: { arguments: {}; answer: null };
  save_take: { arguments: { take: string }; answer: boolean };
  rehearse: { arguments: { sources: Sources; target: CaptureTarget }; answer: null };
  end_rehearsal: { arguments: {}; answer: null };
  record: { arguments: { plan: Plan }; answer: null };
  pause: { arguments: {}; answer: null };
  resume: { arguments: {}; answer: null };
  stop: { arguments: {}; answer: string | null };
  cancel: { arguments: {}; answer: null };
  discard: { arguments: {}; answer: null };
  undo_discard: { arguments: {}; answer: string };
  restart: { arguments: {}; answer: null };
  last_link: { arguments: {}; answer: string | null };
  describe: { arguments: { take: string; title?: string | null; summary?: string | null; live?: boolean | null }; answer: null };
  choose_video: { arguments: {}; answer: GivenFile | null };
  import: { arguments: { file: FileNumber; title: string }; answer: Array<string> };
  remove_take: { arguments: { take: string }; answer: null };
  send_now: { arguments: {}; answer: null };
  copy: { arguments: { text: string }; answer: null };
  open: { arguments: { link: string }; answer: null };
  quit: { arguments: { keep: boolean }; answer: null };
  painted: { arguments: {}; answer: null };
  zoom: { arguments: { change: Zoom }; answer: null };
  bar: { arguments: {}; answer: BarView | null };
  size_bar: { arguments: { width: number; height: number }; answer: null };
  drag_bar: { arguments: { dx: number; dy: number }; answer: null };
  bar_moved: { arguments: {}; answer: null };
  dismiss_bar: { arguments: {}; answer: null };
  shortcuts: { arguments: {}; answer: Array<ShortcutView> };
  set_shortcut: { arguments: { action: ShortcutAction; keys?: string | null }; answer: null };
  speech: { arguments: {}; answer: SpeechView };
  get_model: { arguments: { name: string }; answer: null };
  stop_download: { arguments: {}; answer: null };
  use_model: { arguments: { name: string }; answer: null };
  choose_model_file: { arguments: {}; answer: boolean };
  remove_model: { arguments: { name: string }; answer: null };
  choose_speech: { arguments: { chosen: ChosenSpeech }; answer: null };
}

/** What the window is told, by name. */
export interface Events {
  /** The list of takes is another one. */
  takes: Array<TakeView>;
  /** The running take looks different; none runs any more. */
  recording: RecordingView | null;
  /** A take has ended. */
  ended: Ended;
  /** Camera or microphone are different while nothing is recorded. */
  rehearsal: RehearsalView;
  /** The camera's picture as an address for an `<img>`. */
  preview: string | null;
  /** What would be recorded of the screen, without our own windows; null while there is nothing. */
  screen_preview: ScreenPicture | null;
  /** Somebody wants to quit while a take runs or is on its way. */
  close_requested: null;
  /** The floating bar looks different; none: it goes. */
  bar: BarView | null;
  /** The keys that work in any program are others. */
  shortcuts: Array<ShortcutView>;
  /** The tray asks for a page of the window. */
  show_page: string;
  /** What was asked for outside the window did not work, and why. */
  problem: Refused;
  /** Files were dropped on the window. */
  dropped: Array<GivenFile>;
  /** How much of a file has been taken in, in hundredths. */
  importing: number;
  /** Speech models, a download or endpoints are different. */
  speech: SpeechView;
}
