import { backoff } from './backoff';
import { type Entry, Queue } from './queue';
import type { Store } from './storage';
import { Transport } from './transport';
import type { Dropped, Item, SendingOptions } from './types';

const MAX_ITEMS = 100;
/** Of the API's 500 KB, less what goes around the items. */
const MAX_BATCH_BYTES = 490 * 1024;
/** Of the 64 KB that a browser sends for pages that are gone. */
const MAX_LAST_BYTES = 60 * 1024;

/** Sends what is in the queue: in batches, in order, again and again until the API has taken it. */
export class Outbox {
  readonly transport: Transport;
  readonly #queue: Queue;
  readonly #options: SendingOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  /** Not before this time (ms); the API or a failure asked for a pause. */
  #notBefore = 0;
  /** Fewer after a whole batch was refused: it finds the item that is to blame. */
  #most = MAX_ITEMS;
  #sending: Promise<void> | undefined;
  /** Handed to the browser while the page went. */
  readonly #leaving = new Set<string>();
  #room = MAX_LAST_BYTES;
  #closed = false;

  constructor(
    options: SendingOptions,
    store: Store,
    /** Tabs of one origin that share the store send one after the other. */
    private readonly lockName?: string,
  ) {
    const host = `${options.host}`.replace(/\/+$/, '');
    if (!options.writeKey || !/^https?:\/\//.test(host))
      throw new Error('A writeKey and a host (https://…) are needed');
    this.#options = options;
    this.transport = new Transport(host, options.writeKey, options.fetch);
    this.#queue = new Queue(store, options.maxQueue ?? 1000, (dropped) => this.#drop(dropped));
    if (this.#queue.size) this.#wake();
  }

  add(item: Item): void {
    this.#put('batch', item);
  }

  /** A request of its own, to `/v1/{path}`, in its place among the items. */
  addRequest(path: string, body: object): void {
    this.#put(path, body);
  }

  /** Send what waits now; resolves when it is gone or the API could not take it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#locked(() => this.#send()).finally(() => {
      this.#sending = undefined;
      if (this.#queue.size) this.#wake();
    });
    return this.#sending;
  }

  /** Send once more after what is under way, whatever pause a failure asked for. */
  async flushNow(): Promise<void> {
    await this.#sending;
    this.#notBefore = 0;
    await this.flush();
  }

  /**
   * Hand the browser what it will still send after the page is gone. It stays in the queue, as nobody
   * learns the answer; what arrived twice is stored once, by its messageId.
   */
  leave(): void {
    for (;;) {
      const entries = this.#queue.next(MAX_ITEMS, this.#room, this.#leaving);
      if (!entries.length) return;
      for (const entry of entries) {
        this.#leaving.add(entry.key);
        this.#room -= entry.bytes;
      }
      void this.#post(entries, true).then((verdict) => {
        for (const entry of entries) {
          this.#leaving.delete(entry.key);
          this.#room += entry.bytes;
        }
        if (verdict.kind === 'taken') this.#settle(entries, verdict.rejected);
      });
    }
  }

  get size(): number {
    return this.#queue.size;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #put(path: string, body: object): void {
    this.#queue.add(path, body);
    if (this.#queue.size >= (this.#options.flushAt ?? 20) && Date.now() >= this.#notBefore) {
      void this.flush();
    } else this.#wake();
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const wait = Math.max(this.#options.flushInterval ?? 3000, this.#notBefore - Date.now());
    this.#timer = setTimeout(() => void this.flush(), wait);
  }

  async #locked(work: () => Promise<void>): Promise<void> {
    const locks = globalThis.navigator?.locks;
    if (!locks || !this.lockName) return work();
    await locks.request(this.lockName, work);
  }

  async #send(): Promise<void> {
    while (Date.now() >= this.#notBefore) {
      const entries = this.#queue.next(this.#most, MAX_BATCH_BYTES);
      if (!entries.length) return;
      const verdict = await this.#post(entries);
      if (verdict.kind === 'later') {
        this.#failures += 1;
        this.#notBefore = Date.now() + Math.max(backoff(this.#failures), verdict.after);
        this.#options.onError?.(new Error(verdict.reason));
        return;
      }
      this.#failures = 0;
      if (verdict.kind === 'taken') {
        this.#settle(entries, verdict.rejected);
        this.#most = MAX_ITEMS;
      } else if (entries.length > 1) this.#most = Math.ceil(entries.length / 2);
      else this.#settle(entries, [{ index: 0, reason: verdict.reason }]);
    }
  }

  #post(entries: Entry[], keepalive = false) {
    const [first] = entries as [Entry];
    const body =
      first.path === 'batch' ? { batch: entries.map((one) => one.body) } : (first.body as object);
    return this.transport.post(first.path, body, keepalive);
  }

  #settle(entries: Entry[], rejected: { index: number; reason: string }[]): void {
    this.#queue.remove(entries);
    for (const { index, reason } of rejected) {
      const entry = entries[index];
      if (entry) this.#drop({ reason, body: entry.body, path: entry.path });
    }
  }

  #drop(dropped: Dropped): void {
    this.#options.onDropped?.(dropped);
  }
}
