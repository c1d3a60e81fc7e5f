/** What is selected in a library, by the ids of its entries. */
export class Selection {
  #ids = $state.raw<readonly string[]>([]);
  /** Where a selection of several begins. */
  #anchor: string | undefined;

  get size(): number {
    return this.#ids.length;
  }

  has(id: string): boolean {
    return this.#ids.includes(id);
  }

  toggle(id: string) {
    this.#ids = this.has(id) ? this.#ids.filter((other) => other !== id) : [...this.#ids, id];
    this.#anchor = id;
  }

  /** Selects everything from where the selection began to `id`, in the order of `all`. */
  extend(id: string, all: readonly string[]) {
    const [from, to] = [all.indexOf(this.#anchor ?? id), all.indexOf(id)];
    if (from === -1 || to === -1) return this.toggle(id);
    this.#anchor ??= id;
    const range = all.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.#ids = [...this.#ids, ...range.filter((other) => !this.has(other))];
  }

  all(ids: readonly string[]) {
    this.#ids = ids;
  }

  clear() {
    this.#ids = [];
    this.#anchor = undefined;
  }

  /** Forgets what is not shown any more. */
  keep(shown: readonly string[]) {
    const left = this.#ids.filter((id) => shown.includes(id));
    if (left.length !== this.#ids.length) this.#ids = left;
  }
}
