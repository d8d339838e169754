/** For servers: calls name the person themselves, nothing is kept on disk. */
import { uuid } from './ids';
import { Outbox } from './outbox';
import { memoryStore } from './storage';
import type { CallOptions, Item, Properties, SendingOptions } from './types';
import { LIBRARY } from './version';

export type { Dropped, SendingOptions } from './types';

type Whom = CallOptions &
  ({ userId: string; anonymousId?: string } | { userId?: never; anonymousId: string });
/** A thing event has no person: it may start journeys of a segment's members. */
type Whoever = CallOptions & { userId?: string; anonymousId?: string };

export class SojournServer {
  readonly #outbox: Outbox;

  constructor(options: SendingOptions) {
    this.#outbox = new Outbox({ maxQueue: 10_000, ...options }, memoryStore());
  }

  identify(call: Whom & { traits?: Properties }): void {
    this.#add('identify', call);
  }

  track(call: Whoever & { event: string; properties?: Properties }): void {
    this.#add('track', call);
  }

  page(call: Whom & { name?: string; properties?: Properties }): void {
    this.#add('page', call);
  }

  screen(call: Whom & { name?: string; properties?: Properties }): void {
    this.#add('screen', call);
  }

  group(call: Whom & { groupId: string; traits?: Properties }): void {
    this.#add('group', call);
  }

  alias(call: CallOptions & { userId: string; previousId: string }): void {
    this.#add('alias', call);
  }

  setDeviceToken(call: Whom & { token: string; platform: string }): void {
    this.#outbox.addRequest('devices', call);
  }

  /** Send what waits, now. */
  flush(): Promise<void> {
    return this.#outbox.flushNow();
  }

  /** Send all that waits, trying so many times, and stop. Answers how many items are left unsent. */
  async close(attempts = 3): Promise<number> {
    for (let tried = 0; tried < attempts && this.#outbox.size; tried += 1) await this.flush();
    this.#outbox.close();
    return this.#outbox.size;
  }

  #add(type: Item['type'], call: Whoever): void {
    const { messageId = uuid(), timestamp = new Date(), context, ...rest } = call;
    this.#outbox.add({
      ...rest,
      type,
      messageId,
      timestamp: new Date(timestamp).toISOString(),
      context: { library: { ...LIBRARY, name: `${LIBRARY.name}/node` }, ...context },
    });
  }
}
