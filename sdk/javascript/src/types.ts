/** JSON as it goes over the wire. */
export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };
export type Properties = Record<string, unknown>;

/** One call, as `POST /v1/batch` takes it. */
export interface Item {
  type: 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias';
  messageId: string;
  timestamp: string;
  userId?: string | undefined;
  anonymousId?: string;
  event?: string;
  name?: string | undefined;
  properties?: Properties | undefined;
  traits?: Properties | undefined;
  groupId?: string;
  previousId?: string;
  context?: Properties;
}

/** What may be given with a single call. */
export interface CallOptions {
  /** Deduplicates: the API stores an item with this id once. */
  messageId?: string | undefined;
  /** When it happened; now, if not given. */
  timestamp?: Date | string;
  /** Added to what the SDK knows of the page and the device. */
  context?: Properties;
}

/** Something that will not be sent again: refused by the API, too large, or too old for the queue. */
export interface Dropped {
  reason: string;
  /** The item, or the body of another request (`path` says which). */
  body: unknown;
  path: string;
}

export interface SendingOptions {
  writeKey: string;
  /** The API, such as `https://events.example.com`. */
  host: string;
  /** Milliseconds from the first item to its batch. */
  flushInterval?: number;
  /** A batch is sent at once when so many items wait. */
  flushAt?: number;
  /** When more items wait, the oldest are given up. */
  maxQueue?: number;
  /** Told of each item that is given up for good. */
  onDropped?: (dropped: Dropped) => void;
  /** Told why a batch was not taken; it will be tried again. */
  onError?: (error: Error) => void;
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch;
}
