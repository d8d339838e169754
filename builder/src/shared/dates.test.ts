import { expect, test } from 'vitest';
import { inZone, relative } from './dates';

test('an instant is told in the zone asked for', () => {
  expect(inZone('2025-03-12T08:00:00Z', 'Asia/Tokyo')).toBe('12 Mar 2025, 17:00');
  expect(inZone('2025-03-12T08:00:00Z', 'Europe/Berlin')).toBe('12 Mar 2025, 09:00');
});

test('a zone that nobody knows counts as UTC and says so', () => {
  expect(inZone('2025-03-12T08:00:00Z', 'Mars/Olympus')).toBe('12 Mar 2025, 08:00 UTC');
});

test('what is no instant is shown as it is', () => {
  expect(inZone('soon', 'UTC')).toBe('soon');
});

test('how long ago, in the largest unit that fits', () => {
  const now = new Date('2025-03-12T08:00:00Z');
  expect(relative('2025-03-12T07:59:40Z', now)).toBe('just now');
  expect(relative('2025-03-12T05:10:00Z', now)).toBe('2 hours ago');
  expect(relative('2025-03-14T08:00:00Z', now)).toBe('in 2 days');
});
