/** Where things are kept between page loads. Never throws but from `set`, when there is no room. */
export interface Store {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
}

export function memoryStore(): Store {
  const kept = new Map<string, string>();
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
    keys: () => [...kept.keys()],
  };
}

/** `localStorage` under a prefix, or memory where it is forbidden (private windows, sandboxed frames). */
export function localStore(prefix: string): Store {
  try {
    const local = globalThis.localStorage;
    const probe = `${prefix}?`;
    local.setItem(probe, '');
    local.removeItem(probe);
    return {
      get: (key) => local.getItem(prefix + key),
      set: (key, value) => local.setItem(prefix + key, value),
      remove: (key) => local.removeItem(prefix + key),
      keys: () =>
        Object.keys(local)
          .filter((key) => key.startsWith(prefix))
          .map((key) => key.slice(prefix.length)),
    };
  } catch {
    return memoryStore();
  }
}

/** A JSON value that is kept; null where there is none or somebody spoiled it. */
export function load<T>(store: Store, key: string): T | null {
  try {
    return JSON.parse(store.get(key) ?? 'null');
  } catch {
    return null;
  }
}

/** Keep a JSON value; without room it lasts as long as whoever holds it. */
export function save(store: Store, key: string, value: unknown): void {
  try {
    store.set(key, JSON.stringify(value));
  } catch {}
}
