// Drafts of forms about a clip, by name, kept in the browser's storage so that a reload loses
// nothing.
import { createContext } from 'svelte';
import type { Memory } from './memory';

export class Drafts {
  #kept = $state.raw<Readonly<Record<string, unknown>>>({});
  /** The prefix is that of the first version, so that drafts in browsers are found. */
  readonly #storageKey: string;

  constructor(
    key: string,
    private readonly memory: Memory,
  ) {
    this.#storageKey = `unsent:${key}`;
    this.#kept = memory.get<Record<string, unknown>>(this.#storageKey) ?? {};
  }

  /** The draft of that name, as the type it was set with. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- says what was kept, which no type can know
  get<T>(name: string): T | undefined {
    return this.#kept[name] as T | undefined;
  }

  /** The names with that prefix, in the order in which the drafts were begun. */
  names(start: string): string[] {
    return Object.keys(this.#kept).filter((name) => name.startsWith(start));
  }

  set(name: string, value: unknown) {
    this.#keep({ ...this.#kept, [name]: value });
  }

  /** Removes a draft that was sent, unless it has changed since. Gives whether it was removed. */
  sent(name: string, value: unknown): boolean {
    if (this.#kept[name] !== value) return false;
    this.remove(name);
    return true;
  }

  remove(name: string) {
    this.#keep(Object.fromEntries(Object.entries(this.#kept).filter(([other]) => other !== name)));
  }

  #keep(kept: Readonly<Record<string, unknown>>) {
    this.#kept = kept;
    if (Object.keys(kept).length === 0) this.memory.remove(this.#storageKey);
    else this.memory.set(this.#storageKey, kept);
  }
}

export const [getDrafts, setDrafts] = createContext<Drafts>();
