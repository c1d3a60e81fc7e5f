// The keyboard as a table: what a key does, and what the help says of it.
import { SECOND } from '../time';
import type { Player } from './player.svelte';

/** What the bindings act on. */
export interface Keyboard {
  player: Player;
  captions(): void;
  captionSize(): void;
  /** Focuses the search of the transcript. */
  find(): void;
  reply(): void;
  nextReply(): void;
  previousReply(): void;
  help(): void;
}

interface Binding {
  /** `KeyboardEvent.key`, any of these. */
  keys: readonly string[];
  /** As the help shows them. */
  shown: readonly string[];
  label: string;
  run(at: Keyboard, key: string): void;
}

const FRAME_US = SECOND / 30;

export const BINDINGS: readonly Binding[] = [
  {
    keys: [' ', 'k'],
    shown: ['Space', 'K'],
    label: 'Play or pause',
    run: ({ player }) => player.toggle(),
  },
  {
    keys: ['j'],
    shown: ['J'],
    label: 'Back 10 s',
    run: ({ player }) => player.skip(-10 * SECOND),
  },
  {
    keys: ['l'],
    shown: ['L'],
    label: 'Forward 10 s',
    run: ({ player }) => player.skip(10 * SECOND),
  },
  {
    keys: ['ArrowLeft'],
    shown: ['←'],
    label: 'Back 5 s',
    run: ({ player }) => player.skip(-5 * SECOND),
  },
  {
    keys: ['ArrowRight'],
    shown: ['→'],
    label: 'Forward 5 s',
    run: ({ player }) => player.skip(5 * SECOND),
  },
  {
    keys: [','],
    shown: [','],
    label: 'Back one frame',
    run: ({ player }) => player.skip(-FRAME_US),
  },
  {
    keys: ['.'],
    shown: ['.'],
    label: 'Forward one frame',
    run: ({ player }) => player.skip(FRAME_US),
  },
  {
    keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: ['0', '…', '9'],
    label: 'Jump to 0–90 %',
    run: ({ player }, key) => player.seek((player.duration_us * Number(key)) / 10),
  },
  { keys: ['<'], shown: ['<'], label: 'Slower', run: ({ player }) => player.changeSpeed(-1) },
  { keys: ['>'], shown: ['>'], label: 'Faster', run: ({ player }) => player.changeSpeed(1) },
  {
    keys: ['m'],
    shown: ['M'],
    label: 'Mute or unmute',
    run: ({ player }) => player.toggleMuted(),
  },
  { keys: ['c'], shown: ['C'], label: 'Captions on or off', run: (at) => at.captions() },
  {
    keys: ['C'],
    shown: ['Shift', 'C'],
    label: 'Change caption size',
    run: (at) => at.captionSize(),
  },
  { keys: ['/'], shown: ['/'], label: 'Search transcript', run: (at) => at.find() },
  {
    keys: ['f'],
    shown: ['F'],
    label: 'Full screen',
    run: ({ player }) => player.toggleFullscreen(),
  },
  {
    keys: ['p'],
    shown: ['P'],
    label: 'Picture in picture',
    run: ({ player }) => player.togglePictureInPicture(),
  },
  { keys: ['r'], shown: ['R'], label: 'Reply here', run: (at) => at.reply() },
  { keys: ['n'], shown: ['N'], label: 'Next reply', run: (at) => at.nextReply() },
  {
    keys: ['N'],
    shown: ['Shift', 'N'],
    label: 'Previous reply',
    run: (at) => at.previousReply(),
  },
  { keys: ['?'], shown: ['?'], label: 'Show this help', run: (at) => at.help() },
];

/** Keys of particular elements, which only the help lists here. */
export const OTHER_KEYS: readonly Pick<Binding, 'shown' | 'label'>[] = [
  { shown: ['Ctrl', 'Enter'], label: 'Send a reply' },
  { shown: ['↑', '↓'], label: 'In the transcript: from line to line' },
  { shown: ['Enter'], label: 'In the transcript: play from there' },
  { shown: ['Q'], label: 'In the transcript: reply with this line as a quote' },
  { shown: ['E'], label: 'In the transcript of your recording: correct this line' },
];

/** The binding of a key. Caps Lock changes nothing. */
export function findBinding(key: string, shift: boolean): Binding | undefined {
  const plain = /^[a-z]$/i.test(key) ? (shift ? key.toUpperCase() : key.toLowerCase()) : key;
  return BINDINGS.find(({ keys }) => keys.includes(plain));
}

const TYPING =
  'input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]';
const PRESSED_BY_SPACE = 'button, a, summary, input, [role=button]';
const MOVED_BY_ARROWS = '[role=slider], input[type=range], input[type=radio]';

/** Whether a key belongs to the element that has the focus, rather than to the player. */
export function belongsTo(target: Element | null, key: string): boolean {
  if (!target) return false;
  if (target.closest(TYPING) || target.closest('dialog')) return true;
  if (key === ' ') return target.closest(PRESSED_BY_SPACE) !== null;
  return key.startsWith('Arrow') && target.closest(MOVED_BY_ARROWS) !== null;
}
