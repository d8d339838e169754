import { uuid } from './ids';
import { load, type Store, save } from './storage';

/** Who uses the app: an `anonymousId` always, a `userId` once it is known. */
export interface Person {
  anonymousId: string;
  userId?: string | undefined;
  /** Proves to the API that this is the user, where the workspace asks for it. */
  userHash?: string | undefined;
}

const KEY = 'person';

/** Keeps who it is. Read anew each time, as another tab may have signed the user in or out. */
export class Identity {
  #own: Person | undefined;

  constructor(private readonly store: Store) {}

  get person(): Person {
    const kept = load<Person>(this.store, KEY);
    if (kept?.anonymousId) return kept;
    // Without room, at least this page knows.
    this.#own ??= { anonymousId: uuid() };
    save(this.store, KEY, this.#own);
    return this.#own;
  }

  /** Somebody else who follows on this device starts under a new `anonymousId`. */
  identify(userId: string, userHash?: string): void {
    const { person } = this;
    const other = person.userId !== undefined && person.userId !== userId;
    const hash = userHash ?? (other ? undefined : person.userHash);
    const anonymousId = other ? uuid() : person.anonymousId;
    this.#keep({ anonymousId, userId, userHash: hash });
  }

  /** The same person under another `userId`; the API is told by `alias`. */
  rename(userId: string): void {
    this.#keep({ anonymousId: this.person.anonymousId, userId });
  }

  reset(): void {
    this.#keep({ anonymousId: uuid() });
  }

  #keep(person: Person): void {
    this.#own = person;
    save(this.store, KEY, person);
  }
}

/** How a request of its own says whose it is. */
export function whose(person: Person): Record<string, string> {
  const { userId, userHash, anonymousId } = person;
  return userId ? { userId, ...(userHash && { userHash }) } : { anonymousId };
}
