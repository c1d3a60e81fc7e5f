// The browser's storage. If it cannot be used (private window, full, blocked), nothing is stored,
// and nothing fails.

export interface Memory {
  /** The value under `key`, as the type it was set with. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- says what was kept, which no type can know
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): void;
  remove(key: string): void;
}

const PREFIX = 'vignette:';

function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

export function storageMemory(storage: () => Storage): Memory {
  return {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as above
    get: <T>(key: string) =>
      attempt(() => {
        const text = storage().getItem(PREFIX + key);
        return text === null ? undefined : (JSON.parse(text) as T);
      }),
    set: (key, value) => attempt(() => storage().setItem(PREFIX + key, JSON.stringify(value))),
    remove: (key) => attempt(() => storage().removeItem(PREFIX + key)),
  };
}

export const browserMemory = storageMemory(() => localStorage);

/** Storage that lasts as long as the object: for tests and demo states. */
export function temporaryMemory(): Memory {
  const kept = new Map<string, string>();
  const item = (key: string) => kept.get(key) ?? null;
  return storageMemory(() => ({
    getItem: item,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    key: () => null,
    clear: () => kept.clear(),
    length: 0,
  }));
}
