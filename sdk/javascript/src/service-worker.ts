/**
 * What a service worker does for web pushes: shows them, opens their links, and tells of both.
 *
 * `dist/service-worker.js` is a whole service worker; your own calls `handlePushes(self)`.
 */
import { type Person, whose } from './identity';
import { uuid } from './ids';
import { safeLink } from './in-app/rules';
import { settingsOfWorker } from './worker-settings';

/** A push, as the engine sends it. */
interface Payload {
  title?: string;
  body?: string;
  image?: string;
  icon?: string;
  link?: string;
  data?: Record<string, unknown>;
  message_id?: string;
}

interface Notified {
  link?: string | undefined;
  message_id?: string | undefined;
}

/** What of a service worker's global scope is used; its own types exclude those of pages. */
export interface WorkerScope {
  addEventListener(type: string, listener: (event: never) => void): void;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: object): Promise<{ url: string; focus(): Promise<unknown> }[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

interface PushEvent extends ExtendableEvent {
  data: { json(): Payload; text(): string } | null;
}
interface ClickEvent extends ExtendableEvent {
  notification: Notification;
}
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export function handlePushes(worker: WorkerScope): void {
  worker.addEventListener('push', (event: PushEvent) => {
    const { title = '', body, image, icon, link, data, message_id } = payloadOf(event);
    const kept: Notified = { ...data, link, message_id };
    // Browsers take a picture that TypeScript's types leave out.
    const options = { body, icon, image, data: kept, tag: message_id } as NotificationOptions;
    event.waitUntil(
      Promise.all([
        worker.registration.showNotification(title, dropEmpty(options)),
        tell('Push Received', message_id),
      ]),
    );
  });
  worker.addEventListener('notificationclick', (event: ClickEvent) => {
    event.notification.close();
    const { link, message_id } = (event.notification.data ?? {}) as Notified;
    event.waitUntil(Promise.all([open(worker, link), tell('Push Opened', message_id, link)]));
  });
}

function payloadOf(event: PushEvent): Payload {
  try {
    const payload = event.data?.json();
    if (payload && typeof payload === 'object') return payload;
  } catch {}
  return { title: event.data?.text() ?? '' };
}

async function open(worker: WorkerScope, link: string | undefined): Promise<void> {
  const home = worker.registration.scope;
  const url = safeLink(link, [], home) ?? home;
  for (const page of await worker.clients.matchAll({ type: 'window' }))
    if (page.url === url) {
      await page.focus();
      return;
    }
  await worker.clients.openWindow(url);
}

/** Never fails: a push is shown whether we can tell of it or not. */
async function tell(event: string, messageId: string | undefined, link?: string): Promise<void> {
  const settings = await settingsOfWorker().catch(() => null);
  if (!settings) return;
  const { host, writeKey, person } = settings;
  const body = JSON.stringify({
    ...idsOf(person),
    event,
    // The same push tells the same thing once, however often the worker is woken.
    messageId: messageId ? `${messageId}:${event}` : uuid(),
    timestamp: new Date().toISOString(),
    properties: { ...(messageId && { message_id: messageId }), ...(link && { link }) },
    writeKey,
  });
  const headers = { 'Content-Type': 'text/plain' };
  await fetch(`${host}/v1/track`, { method: 'POST', headers, body, keepalive: true }).catch(
    () => {},
  );
}

function idsOf(person: Person): Record<string, string> {
  const { userHash: _, ...ids } = whose(person);
  return { ...ids, anonymousId: person.anonymousId };
}

function dropEmpty<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
