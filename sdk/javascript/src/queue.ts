import { uuid } from './ids';
import type { Store } from './storage';
import type { Dropped } from './types';

/** Something to be posted to `/v1/{path}`; those for `batch` travel together. */
export interface Entry {
  key: string;
  path: string;
  body: unknown;
  bytes: number;
}

export const MAX_ITEM_BYTES = 32 * 1024;
const PREFIX = 'q:';
const FULL = 'the queue is full';

/**
 * What waits to be sent, one key of the store each: tabs that share a store never overwrite each
 * other, and any of them can send all of it, also after a reload.
 *
 * Keys sort by time, and among items of one tab by their order.
 */
export class Queue {
  #last = 0;
  readonly #tab = uuid().slice(0, 4);

  constructor(
    private readonly store: Store,
    private readonly limit: number,
    private readonly drop: (dropped: Dropped) => void,
  ) {}

  add(path: string, body: unknown): void {
    const text = JSON.stringify([path, body]);
    if (sizeOf(text) - path.length - 5 > MAX_ITEM_BYTES) {
      this.drop({ reason: 'larger than 32 KB', body, path });
      return;
    }
    this.#last = Math.max(Date.now() * 1000, this.#last + 1);
    const key = `${PREFIX}${this.#last.toString(36).padStart(11, '0')}${this.#tab}`;
    const waiting = this.#keys();
    while (waiting.length >= this.limit) this.#giveUp(waiting.shift());
    for (;;) {
      try {
        this.store.set(key, text);
        return;
      } catch {
        // The browser has no room.
        if (!waiting.length) {
          this.drop({ reason: FULL, body, path });
          return;
        }
        this.#giveUp(waiting.shift());
      }
    }
  }

  get size(): number {
    return this.#keys().length;
  }

  /**
   * The oldest entries that can go in one request: at most `count`, in about `budget` bytes, all for
   * one path, and one alone where the path is not `batch`. None of the keys in `without`.
   */
  next(count: number, budget: number, without?: Set<string>): Entry[] {
    const found: Entry[] = [];
    let room = budget;
    for (const key of this.#keys()) {
      if (without?.has(key)) continue;
      const entry = this.#read(key);
      if (!entry) continue;
      room -= entry.bytes;
      const first = found[0];
      if (first && (first.path !== 'batch' || entry.path !== 'batch' || room < 0)) break;
      if (room < 0 && without) break;
      found.push(entry);
      if (found.length === count) break;
    }
    return found;
  }

  remove(entries: Entry[]): void {
    for (const { key } of entries) this.store.remove(key);
  }

  #keys(): string[] {
    return this.store
      .keys()
      .filter((key) => key.startsWith(PREFIX))
      .sort();
  }

  #read(key: string): Entry | undefined {
    const text = this.store.get(key);
    // Another tab has sent it meanwhile.
    if (text === null) return;
    try {
      const [path, body] = JSON.parse(text);
      return { key, path, body, bytes: sizeOf(text) };
    } catch {
      this.store.remove(key);
    }
  }

  #giveUp(key = ''): void {
    const entry = this.#read(key);
    this.store.remove(key);
    if (entry) this.drop({ reason: FULL, body: entry.body, path: entry.path });
  }
}

const sizeOf = (text: string): number => new TextEncoder().encode(text).length;
