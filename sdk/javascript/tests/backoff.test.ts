import { expect, test } from 'vitest';
import { backoff, LONGEST_MS, retryAfter } from '../src/backoff';

test('pauses double up to five minutes', () => {
  expect([1, 2, 3, 4].map((failures) => backoff(failures, 1))).toEqual([1000, 2000, 4000, 8000]);
  expect(backoff(50, 1)).toBe(LONGEST_MS);
});

test('pauses differ, so that not all clients come back at once', () => {
  expect(backoff(3, 0)).toBe(2000);
  expect(backoff(3, 0.5)).toBe(3000);
});

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Mon, 15 Jun 2026 12:00:50 GMT', 50_000],
  ['Mon, 15 Jun 2026 11:00:00 GMT', 0],
  ['999999999', 3_600_000],
  ['soon', 0],
  [null, 0],
])('Retry-After %s', (header, expected) => {
  expect(retryAfter(header, Date.parse('2026-06-15T12:00:00Z'))).toBe(expected);
});
