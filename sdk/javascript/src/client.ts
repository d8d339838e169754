import { tellApplication } from './application';
import { contextOf, pageProperties } from './context';
import { Identity, type Person } from './identity';
import { uuid } from './ids';
import { InApp } from './in-app/in-app';
import type { Options } from './options';
import { Outbox } from './outbox';
import { Sessions } from './session';
import { load, localStore, type Store, save } from './storage';
import type { CallOptions, Item, Properties } from './types';
import { subscribe } from './web-push';
import { keepForWorker } from './worker-settings';

interface DeviceToken {
  token: string;
  platform: string;
}

const OPTED_OUT = 'out';
const ACTIVITIES = ['pointerdown', 'keydown', 'scroll'] as const;

/** The SDK in a browser. `start` makes one; a page needs no more than that. */
export class Sojourn {
  readonly #options: Options;
  readonly #store: Store;
  readonly #identity: Identity;
  readonly #outbox: Outbox;
  readonly #sessions: Sessions;
  readonly #inApp: InApp | undefined;
  readonly #ending = new AbortController();

  constructor(options: Options) {
    this.#options = options;
    const name = `sojourn:${options.writeKey?.slice(-8)}:`;
    this.#store = options.store ?? localStore(name);
    this.#identity = new Identity(this.#store);
    this.#outbox = new Outbox(options, this.#store, options.store ? undefined : name);
    this.#sessions = new Sessions(
      this.#store,
      (event, properties, at, messageId) => this.#tell(event, properties, { at, messageId }),
      () => this.#inApp?.sessionBegan(),
      options.sessionTimeout,
    );
    const { inApp } = options;
    if (inApp) {
      this.#inApp = new InApp(inApp === true ? {} : inApp, {
        outbox: this.#outbox,
        store: this.#store,
        sessions: this.#sessions,
        person: () => this.#identity.person,
        track: (event, properties) => this.track(event, properties as Properties),
      });
    }
    this.#listen();
    if (!this.optedOut) this.#begin();
  }

  /** Who uses the app, as far as it is known. */
  get person(): Person {
    return this.#identity.person;
  }

  get optedOut(): boolean {
    return this.#store.get(OPTED_OUT) !== null;
  }

  /**
   * The user is this one, with these traits; without a `userId`, traits of whom we know already.
   * `userHash` is what your server made of the userId, where the workspace asks for proof.
   */
  identify(
    userId: string,
    traits?: Properties,
    options?: CallOptions & { userHash?: string },
  ): void;
  identify(traits: Properties, options?: CallOptions): void;
  identify(
    who: string | Properties,
    more?: Properties | CallOptions,
    options?: CallOptions & { userHash?: string },
  ): void {
    if (this.optedOut) return;
    if (typeof who !== 'string') {
      this.#add({ type: 'identify', traits: who }, more as CallOptions);
      return;
    }
    const before = this.person;
    this.#identity.identify(who, options?.userHash);
    this.#add({ type: 'identify', traits: more as Properties }, options);
    if (before.userId !== who || before.userHash !== this.person.userHash) this.#changedPerson();
  }

  track(event: string, properties: Properties = {}, options?: CallOptions): void {
    if (this.#add({ type: 'track', event, properties }, options))
      this.#inApp?.happened(event, properties);
  }

  page(name?: string, properties?: Properties, options?: CallOptions): void {
    const all = { ...pageProperties(), ...properties };
    this.#add({ type: 'page', name, properties: all }, options);
  }

  screen(name: string, properties?: Properties, options?: CallOptions): void {
    this.#add({ type: 'screen', name, properties }, options);
  }

  group(groupId: string, traits?: Properties, options?: CallOptions): void {
    this.#add({ type: 'group', groupId, traits }, options);
  }

  /** `userId` is another name of whom we know (or of `previousId`), and is the one from now on. */
  alias(userId: string, previousId?: string, options?: CallOptions): void {
    if (this.optedOut) return;
    const { userId: former, anonymousId } = this.person;
    this.#identity.rename(userId);
    this.#add({ type: 'alias', previousId: previousId ?? former ?? anonymousId }, options);
    if (former !== userId) this.#changedPerson();
  }

  /** Where pushes reach this device; belongs to whoever uses the app, also when that changes. */
  setDeviceToken(token: string, platform = 'web'): void {
    if (this.optedOut) return;
    save(this.#store, 'device', { token, platform });
    this.#register({ token, platform });
  }

  /** Ask the user for web pushes. `serviceWorker`: its address, or its registration. */
  async subscribeToWebPush(
    vapidKey: string,
    serviceWorker: string | ServiceWorkerRegistration = '/sojourn-service-worker.js',
  ): Promise<PushSubscription> {
    const subscription = await subscribe(vapidKey, serviceWorker);
    this.setDeviceToken(JSON.stringify(subscription));
    await this.#tellWorker();
    return subscription;
  }

  /** The user has signed out: what follows is somebody else's, and so is the device. */
  reset(): void {
    if (this.optedOut) return;
    this.#sessions.end();
    this.#identity.reset();
    this.#changedPerson();
  }

  /** Send what waits, now. */
  flush(): Promise<void> {
    return this.#outbox.flushNow();
  }

  /** Stop, and forget all that is kept here, what was not sent yet too. Lasts until `optIn`. */
  optOut(): void {
    this.#inApp?.stop();
    this.#sessions.close();
    for (const key of this.#store.keys()) this.#store.remove(key);
    save(this.#store, OPTED_OUT, true);
    void keepForWorker(null).catch(() => {});
  }

  optIn(): void {
    if (!this.optedOut) return;
    this.#store.remove(OPTED_OUT);
    this.#begin();
  }

  /** Let go of timers, listeners and connections; what waits stays for the next page. */
  close(): void {
    this.#ending.abort();
    this.#inApp?.stop();
    this.#sessions.close();
    this.#outbox.close();
  }

  #begin(): void {
    tellApplication(this.#store, this.#options.appVersion, (event, properties) =>
      this.#tell(event, properties),
    );
    this.#sessions.touch();
    this.#inApp?.start();
    void this.#tellWorker().catch(() => {});
  }

  #listen(): void {
    const { signal } = this.#ending;
    const active = () => this.optedOut || this.#sessions.touch();
    for (const activity of ACTIVITIES)
      addEventListener(activity, active, { signal, passive: true, capture: true });
    document.addEventListener(
      'visibilitychange',
      () => {
        const visible = document.visibilityState !== 'hidden';
        if (!visible) this.#outbox.leave();
        else active();
        if (!this.optedOut) this.#inApp?.looked(visible);
      },
      { signal },
    );
    addEventListener('pagehide', () => this.#outbox.leave(), { signal });
    addEventListener('online', () => void this.flush(), { signal });
  }

  #tell(
    event: string,
    properties: object,
    options: { at?: number; messageId?: string } = {},
  ): void {
    if (this.#options.systemEvents === false || this.optedOut) return;
    const { at = Date.now(), messageId } = options;
    const item = { type: 'track' as const, event, properties: properties as Properties };
    this.#outbox.add(this.#whole(item, { timestamp: new Date(at), messageId }));
  }

  #add(item: Pick<Item, 'type'> & Partial<Item>, options?: CallOptions): boolean {
    if (this.optedOut) return false;
    this.#sessions.touch();
    this.#outbox.add(this.#whole(item, options));
    return true;
  }

  #whole(item: Pick<Item, 'type'> & Partial<Item>, options: CallOptions = {}): Item {
    const { userId, anonymousId } = this.person;
    const { messageId = uuid(), timestamp = new Date(), context } = options;
    return {
      ...item,
      messageId,
      timestamp: new Date(timestamp).toISOString(),
      anonymousId,
      userId,
      context: { ...contextOf(this.#options), ...context },
    };
  }

  #changedPerson(): void {
    const device = load<DeviceToken>(this.#store, 'device');
    if (device) this.#register(device);
    this.#inApp?.start();
    void this.#tellWorker().catch(() => {});
  }

  #register(device: DeviceToken): void {
    const { userId, anonymousId } = this.person;
    this.#outbox.addRequest('devices', { ...device, anonymousId, userId });
  }

  async #tellWorker(): Promise<void> {
    if (!load<DeviceToken>(this.#store, 'device')) return;
    const { host, writeKey } = this.#outbox.transport;
    await keepForWorker({ host, writeKey, person: this.person });
  }
}

/** Begin to take and send what people do here. */
export function start(options: Options): Sojourn {
  return new Sojourn(options);
}
