import { afterEach, expect, test } from 'vitest';
import { Outbox } from '../src/outbox';
import { memoryStore } from '../src/storage';
import type { Dropped, Item, SendingOptions } from '../src/types';
import { api } from './api';

type Api = Awaited<ReturnType<typeof api>>;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function outbox(server: Api, options: Partial<SendingOptions> = {}, store = memoryStore()) {
  const dropped: Dropped[] = [];
  const errors: string[] = [];
  const box = new Outbox(
    {
      writeKey: 'key',
      host: server.host,
      flushInterval: 60_000,
      flushAt: 1000,
      onDropped: (one) => dropped.push(one),
      onError: (error) => errors.push(error.message),
      ...options,
    },
    store,
  );
  closing.push(() => box.close(), server.close);
  return { box, dropped, errors, store };
}

const item = (event: string): Item => ({
  type: 'track',
  event,
  messageId: event,
  timestamp: '2026-01-01T00:00:00Z',
  anonymousId: 'a',
});

test('items travel together, with the key and the time of sending', async () => {
  const server = await api();
  const { box } = outbox(server);
  box.add(item('A'));
  box.add(item('B'));
  await box.flushNow();
  expect(server.events()).toEqual([['A', 'B']]);
  const [{ path, body }] = server.requests as [(typeof server.requests)[0]];
  expect(path).toBe('/v1/batch');
  expect(body.writeKey).toBe('key');
  expect(Date.parse(body.sentAt as string)).not.toBeNaN();
  expect(box.size).toBe(0);
});

test('a batch holds a hundred items', async () => {
  const server = await api();
  const { box } = outbox(server);
  for (let n = 0; n < 250; n += 1) box.add(item(`${n}`));
  await box.flushNow();
  expect(server.events().map((batch) => batch?.length)).toEqual([100, 100, 50]);
});

test('a batch is sent at once when enough items wait', async () => {
  const server = await api();
  const { box } = outbox(server, { flushAt: 2 });
  box.add(item('A'));
  box.add(item('B'));
  // Waits for what the second item set off.
  await box.flush();
  expect(server.events()).toEqual([['A', 'B']]);
});

test.each([429, 500, 503, 408, 401])('after %i the same items are sent again', async (status) => {
  const server = await api({ status, body: { detail: 'not now' } });
  const { box, errors, dropped } = outbox(server);
  box.add(item('A'));
  await box.flush();
  expect([box.size, errors]).toEqual([1, [`${status} not now`]]);
  await box.flushNow();
  expect(server.events()).toEqual([['A'], ['A']]);
  expect([box.size, dropped]).toEqual([0, []]);
});

test('a server that cannot be reached loses nothing', async () => {
  const server = await api();
  await server.close();
  const { box, errors } = outbox({ ...server, close: async () => {} });
  box.add(item('A'));
  await box.flush();
  expect([box.size, errors.length]).toEqual([1, 1]);
});

test('nothing is sent before the pause that Retry-After asks for has passed', async () => {
  const server = await api({ status: 503, headers: { 'Retry-After': '3600' } });
  const { box } = outbox(server);
  box.add(item('A'));
  await box.flush();
  await box.flush();
  expect(server.requests).toHaveLength(1);
});

test('only the items that the API lists are given up', async () => {
  const server = await api({
    body: { success: true, rejected: [{ index: 1, reason: 'track needs an event name' }] },
  });
  const { box, dropped } = outbox(server);
  for (const name of ['A', 'B', 'C']) box.add(item(name));
  await box.flush();
  expect(box.size).toBe(0);
  expect(dropped.map(({ reason, body }) => [reason, (body as Item).event])).toEqual([
    ['track needs an event name', 'B'],
  ]);
});

test('a batch of which nothing could be stored is given up with each reason', async () => {
  const rejected = [{ index: 0, reason: 'no' }];
  const server = await api({ status: 400, body: { success: false, rejected } });
  const { box, dropped } = outbox(server);
  box.add(item('A'));
  await box.flush();
  expect([box.size, dropped.map(({ reason }) => reason)]).toEqual([0, ['no']]);
});

test('of a batch that is refused as a whole, only what is to blame is given up', async () => {
  const judge = ({ body }: { body: { batch?: { event?: string }[] } }) =>
    body.batch?.some(({ event }) => event === 'bad') ? { status: 413 } : {};
  const server = await api(...Array.from({ length: 20 }, () => judge));
  const { box, dropped } = outbox(server);
  for (const name of ['A', 'B', 'bad', 'C', 'D']) box.add(item(name));
  await box.flush();
  expect(dropped.map(({ body }) => (body as Item).event)).toEqual(['bad']);
  expect(box.size).toBe(0);
  const taken = server
    .events()
    .filter((batch) => !batch?.includes('bad'))
    .flat();
  expect(taken).toEqual(['A', 'B', 'C', 'D']);
});

test('a request of its own that is refused does not hold up what follows', async () => {
  const server = await api({ status: 403, body: { detail: 'not yours' } });
  const { box, dropped } = outbox(server);
  box.addRequest('in-app/1/seen', { userId: 'ada' });
  box.add(item('A'));
  await box.flush();
  expect(server.requests.map(({ path }) => path)).toEqual(['/v1/in-app/1/seen', '/v1/batch']);
  expect(dropped.map(({ path, reason }) => [path, reason])).toEqual([
    ['in-app/1/seen', '403 not yours'],
  ]);
});

test('what waits is found by the next one on the same store', async () => {
  const down = await api({ status: 503 });
  const { box, store } = outbox(down);
  box.add(item('A'));
  await box.flush();
  box.close();
  const up = await api();
  const { box: next } = outbox(up, {}, store);
  await next.flushNow();
  expect(up.events()).toEqual([['A']]);
});

test('a page that goes hands over 60 KB at most, and keeps the rest', async () => {
  const server = await api();
  const { box } = outbox(server);
  for (let n = 0; n < 5; n += 1)
    box.add({ ...item(`${n}`), properties: { text: 'x'.repeat(25_000) } });
  box.leave();
  box.leave();
  await expect.poll(() => box.size).toBe(3);
  expect(server.events()).toEqual([['0', '1']]);
});

test.each([
  ['no key', { writeKey: '', host: 'https://x' }],
  ['no host', { writeKey: 'k', host: '' }],
  ['another scheme', { writeKey: 'k', host: 'javascript:alert(1)' }],
])('settings that cannot work are refused: %s', (_, options) => {
  expect(() => new Outbox(options, memoryStore())).toThrow(/writeKey/);
});
