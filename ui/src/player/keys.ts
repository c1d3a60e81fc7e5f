// The keyboard as a table: what a key does, and what the help says of it.
import { SECOND } from '../time';
import type { Player } from './player.svelte';

/** What keys reach. */
export interface Keyboard {
  player: Player;
  captions(): void;
  captionSize(): void;
  /** To the search in what was said. */
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
  words: string;
  does(at: Keyboard, key: string): void;
}

const FRAME_US = SECOND / 30;

export const BINDINGS: readonly Binding[] = [
  { keys: [' ', 'k'], shown: ['Space', 'K'], words: 'Play or pause', does: ({ player }) => player.toggle() },
  { keys: ['j'], shown: ['J'], words: 'Back 10 seconds', does: ({ player }) => player.skip(-10 * SECOND) },
  { keys: ['l'], shown: ['L'], words: 'On 10 seconds', does: ({ player }) => player.skip(10 * SECOND) },
  { keys: ['ArrowLeft'], shown: ['←'], words: 'Back 5 seconds', does: ({ player }) => player.skip(-5 * SECOND) },
  { keys: ['ArrowRight'], shown: ['→'], words: 'On 5 seconds', does: ({ player }) => player.skip(5 * SECOND) },
  { keys: [','], shown: [','], words: 'Back one frame', does: ({ player }) => player.skip(-FRAME_US) },
  { keys: ['.'], shown: ['.'], words: 'On one frame', does: ({ player }) => player.skip(FRAME_US) },
  {
    keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: ['0', '…', '9'],
    words: 'To that tenth of the clip',
    does: ({ player }, key) => player.seek((player.duration_us * Number(key)) / 10),
  },
  { keys: ['<'], shown: ['<'], words: 'Slower', does: ({ player }) => player.changeSpeed(-1) },
  { keys: ['>'], shown: ['>'], words: 'Faster', does: ({ player }) => player.changeSpeed(1) },
  { keys: ['m'], shown: ['M'], words: 'Sound off or on', does: ({ player }) => player.toggleMuted() },
  { keys: ['c'], shown: ['C'], words: 'Captions on or off', does: (at) => at.captions() },
  { keys: ['C'], shown: ['Shift', 'C'], words: 'Captions in the next size', does: (at) => at.captionSize() },
  { keys: ['/'], shown: ['/'], words: 'Search in what is said', does: (at) => at.find() },
  { keys: ['f'], shown: ['F'], words: 'Full screen', does: ({ player }) => player.toggleFullscreen() },
  { keys: ['p'], shown: ['P'], words: 'Picture in picture', does: ({ player }) => player.togglePictureInPicture() },
  { keys: ['r'], shown: ['R'], words: 'Reply at this moment', does: (at) => at.reply() },
  { keys: ['n'], shown: ['N'], words: 'To the next reply', does: (at) => at.nextReply() },
  { keys: ['N'], shown: ['Shift', 'N'], words: 'To the reply before', does: (at) => at.previousReply() },
  { keys: ['?'], shown: ['?'], words: 'This help', does: (at) => at.help() },
];

/** Keys that count only where they are pressed, for the help. */
export const ELSEWHERE: readonly Pick<Binding, 'shown' | 'words'>[] = [
  { shown: ['Ctrl', 'Enter'], words: 'Send a reply' },
  { shown: ['↑', '↓'], words: 'In the transcript: from line to line' },
  { shown: ['Enter'], words: 'In the transcript: play from there' },
  { shown: ['Q'], words: 'In the transcript: reply with this line as a quote' },
  { shown: ['E'], words: 'In the transcript of your clip: correct this line' },
];

/** The binding of a key. Caps Lock changes nothing. */
export function binding(key: string, shift: boolean): Binding | undefined {
  const plain = /^[a-z]$/i.test(key) ? (shift ? key.toUpperCase() : key.toLowerCase()) : key;
  return BINDINGS.find(({ keys }) => keys.includes(plain));
}

const TYPING = 'input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]';
const PRESSED_BY_SPACE = 'button, a, summary, input, [role=button]';
const MOVED_BY_ARROWS = '[role=slider], input[type=range], input[type=radio]';

/** Whether a key belongs to the element that has the focus, rather than to the player. */
export function belongsTo(target: Element | null, key: string): boolean {
  if (!target) return false;
  if (target.closest(TYPING) || target.closest('dialog')) return true;
  if (key === ' ') return target.closest(PRESSED_BY_SPACE) !== null;
  return key.startsWith('Arrow') && target.closest(MOVED_BY_ARROWS) !== null;
}
