import { expect, test } from 'vitest';
import { isTriggeredBy, mayShow, safeLink, wait } from '../src/in-app/rules';
import type { Message } from '../src/in-app/types';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const SESSION = { id: 's1', started: NOW - 60_000, seen: NOW };
const message = (more: Partial<Message> = {}): Message => ({
  id: 'm',
  layout: 'modal',
  frequency: 'once',
  ...more,
});

test('a message shows once if it says so', () => {
  expect(mayShow(message(), undefined, SESSION, NOW)).toBe(true);
  expect(mayShow(message(), { at: NOW - 9e9, session: 's0' }, SESSION, NOW)).toBe(false);
  expect(mayShow(message({ seen_at: '2020-01-01T00:00:00Z' }), undefined, SESSION, NOW)).toBe(
    false,
  );
});

test('once a session: in the next one again, but not after it was seen elsewhere in this one', () => {
  const each = message({ frequency: 'session' });
  expect(mayShow(each, { at: NOW - 1, session: 's1' }, SESSION, NOW)).toBe(false);
  expect(mayShow(each, { at: NOW - 9e7, session: 's0' }, SESSION, NOW)).toBe(true);
  expect(mayShow({ ...each, seen_at: '2026-06-15T11:59:30Z' }, undefined, SESSION, NOW)).toBe(
    false,
  );
  expect(mayShow({ ...each, seen_at: '2026-06-15T11:00:00Z' }, undefined, SESSION, NOW)).toBe(true);
});

test('every so many seconds, by what was seen last on any device', () => {
  const hourly = message({ frequency: 'PT1H', every: 3600 });
  expect(mayShow(hourly, { at: NOW - 3_599_000 }, SESSION, NOW)).toBe(false);
  expect(mayShow(hourly, { at: NOW - 3_600_000 }, SESSION, NOW)).toBe(true);
  const elsewhere = { ...hourly, seen_at: '2026-06-15T11:30:00Z' };
  expect(mayShow(elsewhere, { at: NOW - 3_600_000 }, SESSION, NOW)).toBe(false);
});

test('nothing shows after it expired', () => {
  expect(mayShow(message({ expires_at: '2026-06-15T12:00:00Z' }), undefined, SESSION, NOW)).toBe(
    false,
  );
  expect(mayShow(message({ expires_at: '2026-06-15T12:00:01Z' }), undefined, SESSION, NOW)).toBe(
    true,
  );
});

test('an event triggers by its name and its properties', () => {
  const where = [{ param: 'total', op: '>', value: 50 }];
  const waiting = message({ trigger: { on: 'event', event: 'Cart Viewed', where } });
  expect(isTriggeredBy(waiting, 'Cart Viewed', { total: 60 })).toBe(true);
  expect(isTriggeredBy(waiting, 'Cart Viewed', { total: 40 })).toBe(false);
  expect(isTriggeredBy(waiting, 'Cart', { total: 60 })).toBe(false);
  expect(isTriggeredBy(message(), 'Cart Viewed', {})).toBe(false);
});

test('time in the app counts from the beginning of the session', () => {
  const on = 'time_in_app' as const;
  expect(wait(message({ trigger: { on, seconds: 90 } }), SESSION, NOW)).toBe(30_000);
  expect(wait(message({ trigger: { on, seconds: 30 } }), SESSION, NOW)).toBe(0);
  expect(wait(message(), SESSION, NOW)).toBe(0);
  expect(wait(message({ trigger: { on: 'event', event: 'X' } }), SESSION, NOW)).toBeUndefined();
});

test.each([
  ['https://example.com/a', 'https://example.com/a'],
  ['/b?c', 'https://shop.example/b?c'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['myapp://home', 'myapp://home'],
  ['javascript:alert(1)', undefined],
  [' JaVaScript:alert(1)', undefined],
  ['java\nscript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['vbscript:x', undefined],
  ['blob:https://x/1', undefined],
  ['file:///etc/passwd', undefined],
  ['other://x', undefined],
  ['https://', undefined],
  ['', undefined],
  [null, undefined],
])('link %j', (link, expected) => {
  expect(safeLink(link, ['myapp'], 'https://shop.example/')).toBe(expected);
});
