import type { Session } from '../session';
import { holds } from './compare';
import type { Message } from './types';

/** When, and in which session, a message was shown last on this device. */
export interface Showing {
  at: number;
  session?: string | undefined;
}

/** Whether a message may be shown now, as far as its expiry and its frequency go. */
export function mayShow(
  message: Message,
  shown: Showing | undefined,
  session: Session | null,
  now = Date.now(),
): boolean {
  if (message.expires_at && Date.parse(message.expires_at) <= now) return false;
  const elsewhere = message.seen_at ? Date.parse(message.seen_at) : 0;
  const last = Math.max(shown?.at ?? 0, elsewhere);
  if (!last) return true;
  if (message.frequency === 'session') {
    if (!session || shown?.session === session.id) return false;
    return elsewhere < session.started;
  }
  return !!message.every && now - last >= message.every * 1000;
}

/** Whether an event is the one that a message waits for. */
export function isTriggeredBy(message: Message, event: string, properties: unknown): boolean {
  const { trigger } = message;
  return (
    trigger?.on === 'event' && trigger.event === event && holds(trigger.where ?? [], properties)
  );
}

/** Milliseconds until the app was in use for long enough; undefined if time is not the trigger. */
export function wait(message: Message, session: Session, now = Date.now()): number | undefined {
  const { on, seconds } = message.trigger ?? { on: 'session_start' };
  if (on === 'event') return;
  if (on === 'session_start') return 0;
  return Math.max(session.started + (seconds ?? 0) * 1000 - now, 0);
}

const SCHEMES = /^(https?|mailto|tel|sms)$/;

/** A link that may be followed, made whole; undefined where its scheme is not among the known ones. */
export function safeLink(
  link: string | null | undefined,
  more: string[] = [],
  base?: string,
): string | undefined {
  if (!link) return;
  try {
    const url = new URL(link, base);
    const scheme = url.protocol.slice(0, -1);
    if (SCHEMES.test(scheme) || more.includes(scheme)) return url.href;
  } catch {}
}
