import type { Announcer } from '../../announcer.svelte';
import { attempt } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { GivenFile, Host, TakeView, DetailsChange } from '../../host/host';
import { announcementsOf, hasProgressed, titleOfFile } from '../text';

const VIDEO_FILE = /\.(mp4|m4v|mov|mkv|webm)$/i;

/** Every take on this computer, newest first. */
export class Takes {
  list = $state.raw<readonly TakeView[]>([]);
  /** What did not work lately. */
  problem = $state.raw<Problem>();
  /** The file that is being imported. */
  importing = $state.raw<{ readonly title: string; readonly percent: number }>();
  /** Notes on the files that were imported last. */
  importNotes = $state.raw<readonly string[]>([]);

  constructor(
    private readonly host: Host,
    private readonly announcer: Announcer,
    /** A library has received more of a take, so it is reachable. */
    private readonly onprogress: () => void,
    /** A file begins to be taken in. */
    private readonly onimport: () => void = () => undefined,
  ) {}

  async open() {
    await Promise.all([
      this.host.on('takes', (takes) => this.show(takes)),
      this.host.on('dropped', (files) => void this.importFiles(files)),
      this.host.on('importing', (percent) => {
        if (this.importing) this.importing = { ...this.importing, percent };
      }),
    ]);
  }

  show(takes: readonly TakeView[]) {
    const now = takes.toSorted((a, b) => b.recorded_at_us - a.recorded_at_us);
    announcementsOf(this.list, now).forEach((news) => this.announcer.say(news));
    if (hasProgressed(this.list, now)) this.onprogress();
    this.list = now;
  }

  /**
   * The takes that are being sent, without those that wait for a library that cannot be reached.
   */
  readonly sending = $derived(
    this.list.filter((take) => take.whereabouts.place !== 'safe' && take.problem === null),
  );

  get(id: string): TakeView | undefined {
    return this.list.find((take) => take.id === id);
  }

  describe = (id: string, details: DetailsChange) =>
    this.#attempt(() => this.host.describe(id, details));
  remove = (id: string) => this.#attempt(() => this.host.removeTake(id));
  sendNow = () => this.#attempt(() => this.host.sendNow());

  /** Imports a video file that the person picks. */
  add = () =>
    this.#attempt(async () => {
      const file = await this.host.chooseVideo();
      if (!file) return;
      this.importNotes = [];
      await this.#importFile(file);
    });

  /** Imports the video files among these. */
  importFiles(files: readonly GivenFile[]) {
    this.importNotes = [];
    return this.#attempt(async () => {
      for (const file of files.filter(({ name }) => VIDEO_FILE.test(name)))
        await this.#importFile(file);
    });
  }

  async #importFile({ number, name }: GivenFile) {
    const title = titleOfFile(name);
    this.announcer.say(`Adding ${title}`);
    this.onimport();
    this.importing = { title, percent: 0 };
    try {
      const importNotes = await this.host.importFile(number, title);
      this.importNotes = [...this.importNotes, ...importNotes.map((note) => `${title}: ${note}`)];
    } finally {
      this.importing = undefined;
    }
  }

  #attempt(work: () => Promise<unknown>): Promise<boolean> {
    return attempt(work, (problem) => (this.problem = problem));
  }
}
