import { expect, test } from 'vitest';
import { Queue } from '../src/queue';
import { memoryStore } from '../src/storage';
import type { Dropped } from '../src/types';

function queue(limit = 1000, store = memoryStore()) {
  const dropped: Dropped[] = [];
  return { queue: new Queue(store, limit, (one) => dropped.push(one)), dropped, store };
}

const bodies = (queue: Queue, count = 100, budget = 1e6) =>
  queue.next(count, budget).map(({ body }) => body);

test('what waits comes out in its order, whichever tab put it in', async () => {
  const one = queue();
  const other = new Queue(one.store, 1000, () => {});
  one.queue.add('batch', 1);
  one.queue.add('batch', 2);
  await new Promise((later) => setTimeout(later, 5));
  other.add('batch', 3);
  expect(bodies(one.queue)).toEqual([1, 2, 3]);
  expect(bodies(other)).toEqual([1, 2, 3]);
});

test('a batch has at most so many items and so many bytes', () => {
  const { queue: waiting } = queue();
  for (let n = 0; n < 10; n += 1) waiting.add('batch', 'x'.repeat(100));
  expect(bodies(waiting, 4)).toHaveLength(4);
  expect(bodies(waiting, 100, 350)).toHaveLength(3);
});

test('one item may take a whole batch', () => {
  const { queue: waiting } = queue();
  waiting.add('batch', 'x'.repeat(1000));
  expect(bodies(waiting, 100, 10)).toHaveLength(1);
});

test('another request goes alone, between the items before and after it', () => {
  const { queue: waiting } = queue();
  waiting.add('batch', 1);
  waiting.add('devices', 2);
  waiting.add('batch', 3);
  const seen: unknown[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const entries = waiting.next(100, 1e6);
    seen.push([entries[0]?.path, ...entries.map(({ body }) => body)]);
    waiting.remove(entries);
  }
  expect(seen).toEqual([
    ['batch', 1],
    ['devices', 2],
    ['batch', 3],
  ]);
});

test('an item of more than 32 KB is refused, one of just that is not', () => {
  const { queue: waiting, dropped } = queue();
  const text = (bytes: number) => 'é'.repeat((bytes - 2) / 2);
  waiting.add('batch', text(32 * 1024));
  expect(dropped).toEqual([]);
  waiting.add('batch', text(32 * 1024 + 2));
  expect(dropped.map(({ reason }) => reason)).toEqual(['larger than 32 KB']);
  expect(waiting.size).toBe(1);
});

test('a full queue gives up its oldest items and says so', () => {
  const { queue: waiting, dropped } = queue(3);
  for (const n of [1, 2, 3, 4, 5]) waiting.add('batch', n);
  expect(bodies(waiting)).toEqual([3, 4, 5]);
  expect(dropped).toEqual(
    [1, 2].map((body) => ({ reason: 'the queue is full', body, path: 'batch' })),
  );
});

test('a store without room makes room by giving up the oldest', () => {
  const store = memoryStore();
  const set = store.set;
  store.set = (key, value) => {
    if (store.keys().length >= 2) throw new DOMException('full', 'QuotaExceededError');
    set(key, value);
  };
  const { queue: waiting, dropped } = queue(1000, store);
  for (const n of [1, 2, 3]) waiting.add('batch', n);
  expect(bodies(waiting)).toEqual([2, 3]);
  expect(dropped.map(({ body }) => body)).toEqual([1]);
});

test('a store that takes nothing at all loses the item with a word', () => {
  const store = memoryStore();
  store.set = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  const { queue: waiting, dropped } = queue(1000, store);
  waiting.add('batch', 1);
  expect(dropped.map(({ body }) => body)).toEqual([1]);
});

test('what somebody spoiled in the store does not stop the rest', () => {
  const { queue: waiting, store } = queue();
  store.set('q:0', '{');
  waiting.add('batch', 1);
  expect(bodies(waiting)).toEqual([1]);
});
