import { uuid } from './ids';
import { load, type Store, save } from './storage';

export interface Session {
  id: string;
  /** Milliseconds since 1970, as all times here. */
  started: number;
  seen: number;
}

type Told = (name: string, properties: object, at: number, messageId: string) => void;

const KEY = 'session';
const WRITE_EVERY_MS = 5000;
export const TIMEOUT_MS = 30 * 60_000;

/**
 * A session lasts until nothing was done for a while, in any tab. Its events carry ids made from the
 * session's, so that tabs that notice the same end tell it once.
 */
export class Sessions {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly tell: Told,
    private readonly begun: (session: Session) => void,
    private readonly timeout = TIMEOUT_MS,
  ) {}

  /** The one that lasts, if any. */
  get current(): Session | null {
    return load<Session>(this.store, KEY);
  }

  /** Somebody does something now. */
  touch(now = Date.now()): void {
    const session = this.expire(now);
    if (!session) {
      const fresh = { id: uuid(), started: now, seen: now };
      save(this.store, KEY, fresh);
      this.tell('Session Started', { session_id: fresh.id }, now, `${fresh.id}:start`);
      this.#watch(now, fresh);
      this.begun(fresh);
    } else if (now - session.seen > WRITE_EVERY_MS) {
      save(this.store, KEY, { ...session, seen: now });
    }
  }

  /** Ends the session if nothing happened for too long, else answers it and looks again in time. */
  expire(now = Date.now()): Session | null {
    const session = this.current;
    if (session && now - session.seen >= this.timeout) {
      this.end();
      return null;
    }
    if (session) this.#watch(now, session);
    return session;
  }

  end(): void {
    const session = this.current;
    this.close();
    if (!session) return;
    this.store.remove(KEY);
    const { id, started, seen } = session;
    const properties = { session_id: id, duration: Math.round((seen - started) / 1000) };
    this.tell('Session Ended', properties, seen, `${id}:end`);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(now: number, session: Session): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.expire();
      },
      Math.max(session.seen + this.timeout - now, 0),
    );
  }
}
