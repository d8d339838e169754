import { describe, expect, it } from 'vitest';
import type { Launch } from '@/api/launches';
import { part, skippedCount } from './words';

const launch = (values: Partial<Launch>): Launch =>
  ({ left: 0, started: 0, skipped: [], failed: 0, ...values }) as Launch;

describe('how much of a launch is done', () => {
  it('counts who started, who was skipped and who failed', () => {
    const skipped = [
      { reason: 'reentry', count: 3 },
      { reason: 'overlap', count: 1 },
    ];
    expect(part(launch({ started: 5, skipped, failed: 1, left: 10 }))).toBe(0.5);
    expect(skippedCount(launch({ skipped }))).toBe(4);
  });

  it('is all of an empty one, and unknown until it is counted', () => {
    expect(part(launch({}))).toBe(1);
    expect(part(launch({ left: null }))).toBeNull();
  });
});
