// The reactions to a clip, and which of them the viewer made.
import { createContext } from 'svelte';
import type { Library } from '../api/library';
import { EventReplay } from '../api/replay';
import type { Reaction, ReactionKind } from '../api/types';
import type { Memory } from '../memory';
import { type Micros, SECOND } from '../time';

type Change = { put: Reaction } | { gone: string };

/** What a guest needs to know their reactions by. */
interface Guest {
  secret: string;
  ids: string[];
}

/** How near to its moment a reaction of one's own counts as that of now, and is taken back. */
const NEAR_US = 2 * SECOND;

export class Reactions {
  /** In order of time. */
  all = $state.raw<readonly Reaction[]>([]);
  readonly #replay = new EventReplay<Change>((change) =>
    'put' in change ? this.#put(change.put) : this.#remove(change.gone),
  );

  constructor(
    private readonly library: Library,
    private readonly key: string,
    private readonly memory: Memory,
    first: readonly Reaction[],
  ) {
    this.all = first;
  }

  count(kind: ReactionKind): number {
    return this.all.filter((reaction) => reaction.kind === kind).length;
  }

  /** The viewer's reaction of that kind at about that moment. */
  own(kind: ReactionKind, at_us: Micros): Reaction | undefined {
    return this.all.find(
      (reaction) =>
        reaction.kind === kind &&
        this.mine(reaction) &&
        at_us >= reaction.at_us &&
        at_us < reaction.at_us + NEAR_US,
    );
  }

  /** Whether the viewer made it: as a member, or as the guest who has its secret. */
  mine(reaction: Reaction): boolean {
    return reaction.mine || (this.#guest?.ids.includes(reaction.id) ?? false);
  }

  /** Reacts at a moment, or takes back what the viewer reacted just there. Gives which it was. */
  async toggle(kind: ReactionKind, at_us: Micros): Promise<'reacted' | 'taken back'> {
    const before = this.own(kind, at_us);
    if (before) {
      await this.library.deleteReaction(this.key, before.id, this.#guest?.secret);
      this.remove(before.id);
      return 'taken back';
    }
    const at = Math.floor(at_us);
    const posted = await this.library.react(this.key, { kind, at_us: at }, this.#guest?.secret);
    const secret = posted.secret ?? this.#guest?.secret;
    if (typeof secret === 'string') {
      // Another secret is that of another guest: what the one before made is theirs no more.
      const ids = posted.secret ? [] : (this.#guest?.ids ?? []);
      this.memory.set(this.#storageKey, {
        secret,
        ids: [...ids, posted.reaction.id],
      } satisfies Guest);
    }
    this.put(posted.reaction);
    return 'reacted';
  }

  async refresh() {
    await this.#replay.fetchAll(
      () => this.library.reactions(this.key),
      ({ reactions }) => (this.all = reactions),
    );
  }

  /** Adds or replaces a reaction. */
  put(reaction: Reaction) {
    this.#replay.push({ put: reaction });
  }

  remove(gone: string) {
    this.#replay.push({ gone });
  }

  #put(reaction: Reaction) {
    const before = this.all.find(({ id }) => id === reaction.id);
    // An event is the same for all viewers, so `mine` of the known one is kept.
    const known = { ...reaction, mine: reaction.mine || (before?.mine ?? false) };
    this.all = [...this.all.filter(({ id }) => id !== reaction.id), known].sort(
      (a, b) => a.at_us - b.at_us,
    );
  }

  #remove(gone: string) {
    this.all = this.all.filter(({ id }) => id !== gone);
  }

  get #storageKey() {
    return `reacted:${this.key}`;
  }

  get #guest(): Guest | undefined {
    return this.memory.get<Guest>(this.#storageKey);
  }
}

export const [getReactions, setReactions] = createContext<Reactions>();
