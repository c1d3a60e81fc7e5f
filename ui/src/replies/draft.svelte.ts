// The draft of a reply: text, time, and the guest's name, kept in the browser's storage.
import type { Memory } from '../memory';
import type { Micros } from '../time';

interface Kept {
  text: string;
  at_us: Micros | null;
}

export class ReplyDraft {
  text = $state('');
  /** The time it is pinned to: that of the first key stroke. */
  at_us = $state<Micros>();
  name = $state('');
  /** Whether the guest has said their name before, so that it is not asked for again. */
  named = $state(false);
  readonly #storageKey: string;

  constructor(
    key: string,
    private readonly memory: Memory,
  ) {
    this.#storageKey = `draft:${key}`;
    const kept = memory.get<Kept>(this.#storageKey);
    this.text = kept?.text ?? '';
    this.at_us = kept?.at_us ?? undefined;
    this.name = memory.get<string>('name') ?? '';
    this.named = this.name !== '';
  }

  /** Changes the text. The first character sets the time. */
  write(text: string, at_us: Micros): 'began' | 'went on' {
    const began = this.text === '' && text !== '';
    if (began) this.at_us = at_us;
    this.text = text;
    this.keep();
    return began ? 'began' : 'went on';
  }

  pin(at_us: Micros | undefined) {
    this.at_us = at_us;
    this.keep();
  }

  keep() {
    if (this.text === '') this.memory.remove(this.#storageKey);
    else
      this.memory.set(this.#storageKey, {
        text: this.text,
        at_us: this.at_us ?? null,
      } satisfies Kept);
  }

  /**
   * Clears the text that was sent, unless it has changed since; the name stays. Gives whether it
   * was cleared.
   */
  sent(text: string): boolean {
    this.rememberName();
    if (this.text !== text) return false;
    this.text = '';
    this.at_us = undefined;
    this.keep();
    return true;
  }

  /** Stores the name, so that it is not asked for again. */
  rememberName() {
    if (this.name.trim() === '') return;
    this.memory.set('name', this.name.trim());
    this.named = true;
  }
}
