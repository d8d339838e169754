import { backoff, retryAfter } from '../backoff';
import type { Transport } from '../transport';
import { type ServerEvent, serverEvents } from './stream';
import type { Message } from './types';

/** The API sends a comment every 15 seconds; a stream that is silent for longer is dead. */
const SILENCE_MS = 45_000;
/** It says so in an `end` event, after which asking again is of no use. */
const FINAL = /key|identity/;

interface Listener {
  live: boolean;
  arrived(message: Message): void;
  withdrawn(id: string): void;
  inbox(unread: number): void;
}

/** Follows the stream of one person's messages while the page is looked at, or fetches them once. */
export class Following {
  readonly #query: string;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #lastId: string | undefined;
  #over = false;

  constructor(
    private readonly transport: Transport,
    whose: Record<string, string>,
    private readonly listener: Listener,
  ) {
    this.#query = new URLSearchParams(whose).toString();
    if (document.visibilityState !== 'hidden') this.pause(false);
  }

  /** A hidden page holds no connection: browsers have few for each host, for all tabs together. */
  pause(hidden: boolean): void {
    if (hidden) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#abort?.abort();
      this.#abort = undefined;
    } else if (!this.#over && !this.#abort && this.#timer === undefined) void this.#follow();
  }

  close(): void {
    this.#over = true;
    this.pause(true);
  }

  async #follow(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    let pause = 0;
    try {
      pause = await this.#listen(abort);
    } catch {}
    if (this.#abort !== abort) return;
    this.#abort = undefined;
    if (this.#over) return;
    this.#failures += 1;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.pause(false);
      },
      Math.max(backoff(this.#failures), pause),
    );
  }

  /** Until it ends; answers the milliseconds that the API asks us to stay away. */
  async #listen(abort: AbortController): Promise<number> {
    if (!this.listener.live) {
      const list = await this.transport.get(`in-app?${this.#query}`, {}, abort.signal);
      if (!list.ok) return this.#refused(list);
      this.#over = true;
      const { data, unread } = await list.json();
      for (const message of data) this.listener.arrived(message);
      this.listener.inbox(unread);
      return 0;
    }
    // It begins with those there are.
    const stream = await this.transport.get(
      `in-app/stream?${this.#query}`,
      this.#lastId ? { 'Last-Event-ID': this.#lastId } : {},
      abort.signal,
    );
    if (!stream.ok || !stream.body) return this.#refused(stream);
    let silence: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    alive();
    try {
      for await (const event of serverEvents(stream.body, alive)) {
        this.#failures = 0;
        if (event.id) this.#lastId = event.id;
        this.#heard(event);
      }
    } finally {
      clearTimeout(silence);
    }
    return 0;
  }

  #heard({ event, data }: ServerEvent): void {
    const said = JSON.parse(data);
    if (event === 'message') this.listener.arrived(said);
    else if (event === 'withdrawn') this.listener.withdrawn(said.id);
    else if (event === 'inbox') this.listener.inbox(said.unread);
    else if (event === 'end' && FINAL.test(said.reason)) this.#over = true;
  }

  #refused({ status, headers }: Response): number {
    // A wrong key or hash stays wrong until the page, or who uses it, changes.
    if ([401, 403, 404].includes(status)) this.#over = true;
    return retryAfter(headers.get('Retry-After'));
  }
}
