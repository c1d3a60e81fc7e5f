import type { Announcer } from '../../announcer.svelte';
import { problemOf } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { GivenFile, Host, TakeView, Words } from '../../host/host';
import { newsOf, reached, titleOfFile } from '../words';

const VIDEO_FILE = /\.(mp4|m4v|mov|mkv|webm)$/i;

/** Every take on this computer, newest first. */
export class Takes {
  list = $state.raw<readonly TakeView[]>([]);
  /** What did not work lately. */
  problem = $state.raw<Problem>();
  /** The file that is being taken in. */
  importing = $state.raw<{ readonly title: string; readonly percent: number }>();
  /** What is to be known of files that were taken in lately. */
  remarks = $state.raw<readonly string[]>([]);

  constructor(
    private readonly host: Host,
    private readonly announcer: Announcer,
    /** A library has taken something in. */
    private readonly onreached: () => void,
  ) {}

  async open() {
    await Promise.all([
      this.host.on('takes', (takes) => this.show(takes)),
      this.host.on('dropped', (files) => void this.takeIn(files)),
      this.host.on('importing', (percent) => {
        if (this.importing) this.importing = { ...this.importing, percent };
      }),
    ]);
  }

  show(takes: readonly TakeView[]) {
    const now = takes.toSorted((a, b) => b.recorded_at_us - a.recorded_at_us);
    newsOf(this.list, now).forEach((news) => this.announcer.say(news));
    if (reached(this.list, now)) this.onreached();
    this.list = now;
  }

  /** Those on their way to a library. What waits for a library to answer is not. */
  readonly sending = $derived(this.list.filter((take) => take.whereabouts.place !== 'safe' && take.problem === null));

  get(id: string): TakeView | undefined {
    return this.list.find((take) => take.id === id);
  }

  describe = (id: string, words: Words) => this.#ask(() => this.host.describe(id, words));
  remove = (id: string) => this.#ask(() => this.host.removeTake(id));
  sendNow = () => this.#ask(() => this.host.sendNow());

  /** Takes in a video file that the person picks. */
  add = () =>
    this.#ask(async () => {
      const file = await this.host.chooseVideo();
      if (!file) return;
      this.remarks = [];
      await this.#takeIn(file);
    });

  /** Takes in the video files among these. */
  takeIn(files: readonly GivenFile[]) {
    this.remarks = [];
    return this.#ask(async () => {
      for (const file of files.filter(({ name }) => VIDEO_FILE.test(name))) await this.#takeIn(file);
    });
  }

  async #takeIn({ number, name }: GivenFile) {
    const title = titleOfFile(name);
    this.announcer.say(`Taking in ${title}`);
    this.importing = { title, percent: 0 };
    try {
      const remarks = await this.host.importFile(number, title);
      this.remarks = [...this.remarks, ...remarks.map((remark) => `${title}: ${remark}`)];
    } finally {
      this.importing = undefined;
    }
  }

  async #ask(what: () => Promise<unknown>): Promise<boolean> {
    this.problem = undefined;
    try {
      await what();
      return true;
    } catch (why) {
      this.problem = problemOf(why);
      return false;
    }
  }
}
