import { afterEach, expect, test, vi } from 'vitest';
import { Sessions } from '../src/session';
import { memoryStore } from '../src/storage';

afterEach(() => void vi.useRealTimers());

function sessions(store = memoryStore()) {
  const told: unknown[][] = [];
  const made = new Sessions(
    store,
    (...all) => told.push(all),
    () => {},
    30 * 60_000,
  );
  return { sessions: made, told, store };
}
const MINUTE = 60_000;

test('a session begins with the first activity and lasts while there is more', () => {
  vi.useFakeTimers({ now: 0 });
  const { sessions: one, told } = sessions();
  for (let minute = 0; minute < 100; minute += 20) {
    vi.setSystemTime(minute * MINUTE);
    one.touch();
  }
  expect(told.map(([name]) => name)).toEqual(['Session Started']);
  one.close();
});

test('it ends by itself after half an hour, dated at the last activity', () => {
  vi.useFakeTimers({ now: 0 });
  const { sessions: one, told } = sessions();
  one.touch();
  vi.advanceTimersByTime(10 * MINUTE);
  one.touch();
  vi.advanceTimersByTime(29 * MINUTE);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(2 * MINUTE);
  const [, ended] = told as [unknown[], unknown[]];
  expect([ended[0], ended[2]]).toEqual(['Session Ended', 10 * MINUTE]);
  expect(ended[1]).toMatchObject({ duration: 600 });
});

test('what ended while no page was open is told by the next page, before its own session', () => {
  vi.useFakeTimers({ now: 0 });
  const { sessions: one, store } = sessions();
  one.touch();
  one.close();
  vi.setSystemTime(90 * MINUTE);
  const { sessions: next, told } = sessions(store);
  next.touch();
  expect(told.map(([name, , at]) => [name, at])).toEqual([
    ['Session Ended', 0],
    ['Session Started', 90 * MINUTE],
  ]);
  next.close();
});

test('two tabs that notice the same end tell it under the same id', () => {
  vi.useFakeTimers({ now: 0 });
  const { sessions: one, store, told } = sessions();
  one.touch();
  const kept = store.get('session') as string;
  one.end();
  store.set('session', kept);
  const { sessions: other, told: also } = sessions(store);
  other.end();
  expect(also[0]?.[3]).toBe(told[1]?.[3]);
});
