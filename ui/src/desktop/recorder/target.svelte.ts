import { attempt } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { BubbleView, CaptureTarget, Host, Rect, Settings, WindowView } from '../../host/host';
import { fitted, usualArea } from './area';
import { inside, type Size, usualBubble } from './bubble';

export const MODES = ['screen', 'window', 'area', 'camera'] as const;
/** What of the screen is recorded: a display, a window, a part of a display, or nothing of it. */
export type Mode = (typeof MODES)[number];

type Remembered = Pick<Settings, 'target' | 'region' | 'bubble'>;

/** What of the screen is recorded, and where in it the camera is. The shell remembers both. */
export class Target {
  /** As it is where the screen is recorded at all. */
  mode = $state<Exclude<Mode, 'camera'>>('screen');
  windows = $state.raw<readonly WindowView[]>();
  window = $state.raw<WindowView>();
  problem = $state.raw<Problem>();
  #area = $state.raw<Rect>();
  /** None: nobody has moved it yet; null: it is hidden. */
  #bubble = $state.raw<BubbleView | null>();

  constructor(
    private readonly host: Pick<Host, 'windows' | 'setBubble'>,
    /** Something is chosen that is to be remembered. */
    private readonly onchange: () => void,
  ) {}

  /** Shows what is remembered. */
  show({ target, region, bubble }: Remembered) {
    this.#area = region ?? undefined;
    this.#bubble = bubble;
    this.mode = target === 'window' ? 'window' : target === 'region' ? 'area' : 'screen';
    if (this.mode === 'window') void this.refreshWindows();
  }

  setMode(mode: Exclude<Mode, 'camera'>) {
    this.mode = mode;
    this.onchange();
    if (mode === 'window') void this.refreshWindows();
  }

  /** Asks again which windows there are. One that was chosen and is closed is chosen no more. */
  async refreshWindows() {
    await attempt(
      async () => {
        const windows = await this.host.windows();
        this.windows = windows;
        this.window = windows.find(({ id }) => id === this.window?.id);
      },
      (problem) => (this.problem = problem),
    );
  }

  area(display: Size): Rect {
    return this.#area ? fitted(this.#area, display) : usualArea(display);
  }

  /** While it is dragged it is shown only; `done` says that it is let go. */
  setArea(area: Rect, done = true) {
    this.#area = area;
    if (done) this.onchange();
  }

  pick(window: WindowView) {
    this.window = window;
    this.onchange();
  }

  /** Null if it is hidden. */
  bubble(picture: Size): BubbleView | null {
    if (this.#bubble === null) return null;
    return inside(this.#bubble ?? usualBubble(picture), picture);
  }

  /** While it is dragged it is shown only; `done` says that it is let go, and the shell moves it. */
  setBubble(bubble: BubbleView | null, done = true) {
    this.#bubble = bubble;
    if (!done) return;
    void attempt(
      () => this.host.setBubble(bubble),
      (problem) => (this.problem = problem),
    );
  }

  /** What the shell is to capture; none while no window is chosen. */
  capture(display: Size): CaptureTarget | undefined {
    switch (this.mode) {
      case 'screen':
        return { target: 'display' };
      case 'window':
        return this.window && { target: 'window', id: this.window.id };
      case 'area':
        return { target: 'region', rect: this.area(display) };
    }
  }
}
