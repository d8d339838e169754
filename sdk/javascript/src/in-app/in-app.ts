import { type Person, whose } from '../identity';
import { uuid } from '../ids';
import type { Outbox } from '../outbox';
import type { Session, Sessions } from '../session';
import { load, type Store, save } from '../storage';
import { Following } from './following';
import { isTriggeredBy, mayShow, type Showing, wait } from './rules';
import type { Actions, InAppOptions, Message, Render } from './types';
import { dialogs } from './view';

const KEY = 'shown';
const MOST_REMEMBERED = 200;

interface Surroundings {
  outbox: Outbox;
  store: Store;
  sessions: Sessions;
  person: () => Person;
  track: (event: string, properties: object) => void;
}

/** Shows the in-app messages of whoever uses the app, one at a time, when their triggers say so. */
export class InApp {
  readonly #messages = new Map<string, Message>();
  /** Triggered, and waiting for its turn. */
  readonly #due = new Set<string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #render: Render;
  #open: { id: string; close: () => void } | undefined;
  #following: Following | undefined;

  constructor(
    private readonly options: InAppOptions,
    private readonly around: Surroundings,
  ) {
    this.#render = options.render ?? dialogs(options);
  }

  /** Begin, or begin anew for somebody else. */
  start(): void {
    this.stop();
    this.#following = new Following(this.around.outbox.transport, whose(this.around.person()), {
      live: this.options.live !== false,
      arrived: (message) => this.#arrived(message),
      withdrawn: (id) => this.#forget(id),
      inbox: (unread) => this.options.onInbox?.(unread),
    });
  }

  stop(): void {
    this.#following?.close();
    this.#following = undefined;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#due.clear();
    for (const id of this.#messages.keys()) this.#forget(id);
  }

  /** The page is looked at again, or no more. */
  looked(visible: boolean): void {
    this.#following?.pause(!visible);
    if (visible) this.#next();
  }

  sessionBegan(): void {
    for (const message of this.#messages.values()) this.#await(message);
  }

  happened(event: string, properties: unknown): void {
    const plain = JSON.parse(JSON.stringify(properties));
    for (const message of this.#messages.values())
      if (isTriggeredBy(message, event, plain)) this.#trigger(message.id);
  }

  #arrived(message: Message): void {
    if (!message.id) return;
    const known = this.#messages.has(message.id);
    this.#messages.set(message.id, message);
    if (!known) this.#await(message);
  }

  #await(message: Message): void {
    const session: Session | null = this.around.sessions.current;
    const delay = session ? wait(message, session) : undefined;
    if (delay === undefined) return;
    if (!delay) {
      this.#trigger(message.id);
      return;
    }
    const timer = setTimeout(() => this.#trigger(message.id), delay);
    this.#timers.add(timer);
  }

  #trigger(id: string): void {
    this.#due.add(id);
    this.#next();
  }

  #next(): void {
    if (this.#open || document.visibilityState === 'hidden') return;
    for (const id of this.#due) {
      this.#due.delete(id);
      const message = this.#messages.get(id);
      if (message && this.#maybe(message)) {
        this.#show(message);
        return;
      }
    }
  }

  #maybe(message: Message): boolean {
    const shown = load<Record<string, Showing>>(this.around.store, KEY)?.[message.id];
    const allowed = this.options.allow?.(message) ?? true;
    return allowed && mayShow(message, shown, this.around.sessions.current);
  }

  #show(message: Message): void {
    const { id } = message;
    const actions: Actions = {
      clicked: (index) => {
        const button = index === undefined ? undefined : message.buttons?.[index];
        const link = button ? button.link : message.link;
        this.#report(id, 'clicked', { button: button && index, link: link ?? undefined });
        this.#close(id);
        if (button?.event) this.around.track(button.event, button.properties ?? {});
      },
      dismissed: () => {
        this.#report(id, 'dismissed', {});
        this.#close(id);
      },
    };
    const close = this.#render(message, actions);
    this.#open = { id, close: close ?? (() => {}) };
    this.#remember(id);
    this.#report(id, 'seen', {});
  }

  #remember(id: string): void {
    const { store, sessions } = this.around;
    const { [id]: _, ...others } = load<Record<string, Showing>>(store, KEY) ?? {};
    const all = Object.entries(others).slice(1 - MOST_REMEMBERED);
    const showing: Showing = { at: Date.now(), session: sessions.current?.id };
    save(store, KEY, Object.fromEntries([...all, [id, showing]]));
  }

  /** The API makes `In-App Shown` and `In-App Clicked` of these itself. */
  #report(id: string, what: 'seen' | 'clicked' | 'dismissed', more: object): void {
    this.around.outbox.addRequest(`in-app/${encodeURIComponent(id)}/${what}`, {
      ...whose(this.around.person()),
      messageId: uuid(),
      timestamp: new Date().toISOString(),
      ...more,
    });
    void this.around.outbox.flush();
  }

  #forget(id: string): void {
    this.#messages.delete(id);
    this.#due.delete(id);
    this.#close(id);
  }

  #close(id: string): void {
    if (this.#open?.id !== id) return;
    const { close } = this.#open;
    this.#open = undefined;
    close();
    this.#next();
  }
}
