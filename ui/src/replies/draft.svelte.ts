// What somebody is about to say: the words, the moment they belong to, and a name. It outlives the page.
import type { Memory } from '../memory';
import type { Micros } from '../time';

interface Kept {
  text: string;
  at_us: Micros | null;
}

export class ReplyDraft {
  text = $state('');
  /** The moment it is pinned to: that of the first key stroke. */
  at_us = $state<Micros>();
  name = $state('');
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
  }

  /** New words. The first of them say at which moment somebody began to write. */
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
    else this.memory.set(this.#storageKey, { text: this.text, at_us: this.at_us ?? null } satisfies Kept);
  }

  /** They were sent: the words go, unless somebody wrote on meanwhile; the name stays. Gives whether they went. */
  sent(text: string): boolean {
    this.rememberName();
    if (this.text !== text) return false;
    this.text = '';
    this.at_us = undefined;
    this.keep();
    return true;
  }

  /** Something was sent under this name: it is not asked for again. */
  rememberName() {
    if (this.name.trim() !== '') this.memory.set('name', this.name.trim());
  }
}
