import type { Announcer } from '../announcer.svelte';
import { Library } from '../api/library';
import { attempt, problemOf } from '../api/problem';
import type { Problem } from '../api/types';
import type { Host, LibraryAccess, ShortcutView } from '../host/host';
import type { Memory } from '../memory';
import { ClipCatalog } from '../library/catalog.svelte';
import { Planning } from './recorder/planning.svelte';
import { Recorder } from './recorder/recorder.svelte';
import { Rehearsal } from './recorder/rehearsal.svelte';
import { SpeechSetup } from './settings/speech.svelte';
import { FirstRun } from './firstrun/firstrun.svelte';
import { Takes } from './takes/takes.svelte';
import { hostOf } from './text';

const PAGES = ['record', 'library', 'settings'] as const;
export type Page = (typeof PAGES)[number];

/** The page that an address names after its `#`: the window is loaded again when its library changes, and goes on there. */
export function pageOf({ hash }: Pick<Location, 'hash'>): Page {
  return PAGES.find((page) => hash === `#${page}`) ?? 'record';
}

export interface DesktopOptions {
  host: Host;
  announcer: Announcer;
  memory: Memory;
  /** Opens the API of a library; the address has no slash at the end. */
  connect?: (base: string, token: string | undefined) => Library;
}

/** The window: what it shows, and the one door behind it. It holds no truth and can be reloaded at any time. */
export class Desktop {
  page = $state<Page>('record');
  door = $state.raw<LibraryAccess>();
  /** The clip that is open on the library's page. */
  openClip = $state<string | undefined>();
  /** Somebody wants to quit, and this speaks against it. */
  closing = $state<'recording' | 'sending'>();
  /** The part of the settings that is to be in sight. */
  settingsPart = $state<string>();
  /** What this person is called on recordings and replies in the library of this computer. */
  name = $state('');
  /** The keys that work from anywhere. */
  shortcuts = $state.raw<readonly ShortcutView[]>([]);
  /** What did not work lately and belongs to no part of the window. */
  problem = $state.raw<Problem>();

  readonly host: Host;
  readonly announcer: Announcer;
  readonly memory: Memory;
  readonly planning: Planning;
  readonly rehearsal: Rehearsal;
  readonly recorder: Recorder;
  readonly takes: Takes;
  readonly speech: SpeechSetup;
  readonly firstRun: FirstRun;
  readonly catalog = new ClipCatalog();
  readonly #connect: NonNullable<DesktopOptions['connect']>;

  constructor({ host, announcer, memory, connect }: DesktopOptions) {
    this.host = host;
    this.announcer = announcer;
    this.memory = memory;
    this.planning = new Planning(host, memory);
    this.rehearsal = new Rehearsal(host);
    this.recorder = new Recorder(host, announcer);
    this.speech = new SpeechSetup(host, announcer);
    this.firstRun = new FirstRun(this);
    this.takes = new Takes(
      host,
      announcer,
      () => this.catalog.retry(),
      // How far it is stands there.
      () => (this.page = 'library'),
    );
    this.#connect = connect ?? ((base, token) => new Library(base, token));
  }

  /** Listens first and asks then, so that nothing is missed in between. */
  async open() {
    try {
      await Promise.all([
        this.recorder.open(),
        this.takes.open(),
        this.rehearsal.open(),
        this.host.on('close_requested', () => this.close()),
        this.host.on('shortcuts', (shortcuts) => (this.shortcuts = shortcuts)),
        this.host.on('show_page', (page) => (this.page = pageOf({ hash: `#${page}` }))),
        this.host.on('problem', ({ problem }) => (this.problem = problem)),
      ]);
      const { takes, recording } = await this.host.snapshot();
      this.takes.show(takes);
      this.recorder.show(recording);
      await Promise.all([
        this.planning.open(),
        this.enterLibrary(),
        this.speech.open(),
        this.firstRun.open(),
        this.host.shortcuts().then((shortcuts) => (this.shortcuts = shortcuts)),
      ]);
    } catch (why) {
      this.problem = problemOf(why);
    }
  }

  /** Shows the library that new takes go to. */
  async enterLibrary() {
    const door = await this.host.library();
    // A clip of the library before is not in this one.
    if (this.door) this.openClip = undefined;
    this.door = door;
    this.catalog.show(this.#connect(door.url.replace(/\/+$/, ''), door.token ?? undefined));
  }

  async record() {
    this.page = 'record';
    await this.recorder.record(this.planning.plan(), this.rehearsal.end());
  }

  /** The keys that start a recording, if there are any that work. */
  get recordShortcut(): string | undefined {
    const record = this.shortcuts.find(({ action }) => action === 'record');
    return record?.keys && !record.problem ? record.keys.replaceAll('+', ' ') : undefined;
  }

  /** Calls this person by another name from now on. */
  setName(name: string): Promise<boolean> {
    return this.#attempt(async () => {
      await this.host.setName(name);
      this.name = name;
    });
  }

  /** The first questions are answered, and are not asked again. */
  introduced(): Promise<boolean> {
    return this.#attempt(() => this.host.introduce());
  }

  /** Opens a clip in the library's page. */
  showClip(clip: string) {
    this.openClip = clip;
    this.page = 'library';
  }

  /** Opens the settings at one of their parts. */
  showSettings(part: string) {
    this.settingsPart = part;
    this.page = 'settings';
  }

  /** Writes a take as a file where the person chooses. */
  saveTake(take: string): Promise<boolean> {
    return this.#attempt(async () => {
      if (await this.host.saveTake(take)) this.announcer.say('Saved as a file');
    });
  }

  /** Gives whether it is on the clipboard. */
  async copyLink(link: string): Promise<boolean> {
    const copied = await this.#attempt(() => this.host.copy(link));
    if (copied) this.announcer.say('Link copied');
    return copied;
  }

  openLink(link: string) {
    return this.#attempt(() => this.host.open(link));
  }

  /** Asks before quitting, if anything speaks against it. */
  close() {
    this.closing = this.recorder.isRunning ? 'recording' : 'sending';
    this.recheckClosing();
  }

  /** Quits once everything has been sent; a take that ended by itself is something to be looked at first. */
  recheckClosing() {
    if (this.closing === 'sending' && this.takes.sending.length === 0) void this.quit(true);
    if (this.closing === 'recording' && !this.recorder.isRunning) this.closing = undefined;
  }

  /** Ends the app. A running take is kept or thrown away. */
  quit(keep: boolean) {
    this.closing = undefined;
    return this.#attempt(() => this.host.quit(keep));
  }

  /** What people call the library that new takes go to. */
  get libraryName(): string {
    if (!this.door || this.door.own) return 'this computer';
    return this.catalog.me?.library ?? hostOf(this.door.url);
  }

  /** Where the next take will go, and who can see it there. */
  get destination(): { saved: string; name: string; audience: string } {
    return this.door && !this.door.own
      ? { saved: 'Saved to', name: this.libraryName, audience: 'anyone with the link can watch' }
      : { saved: 'Saved on', name: 'this computer', audience: 'only for you' };
  }

  /** A problem stays until the person dismisses it. */
  #attempt(work: () => Promise<void>): Promise<boolean> {
    return attempt(work, (problem) => (this.problem = problem ?? this.problem));
  }
}
