import { describe, expect, it } from 'vitest';
import { allPages } from './choices';

describe('lists to choose from', () => {
  it('hold what is beyond the first page', async () => {
    const asked: unknown[] = [];
    const items = await allPages(async (query) => {
      asked.push(query);
      return query.cursor ? { data: [3], next: null } : { data: [1, 2], next: 'on' };
    });
    expect(items).toEqual([1, 2, 3]);
    expect(asked).toEqual([{ limit: 200 }, { limit: 200, cursor: 'on' }]);
  });

  it('end at two thousand items, however many there are', async () => {
    let calls = 0;
    await allPages(async () => {
      calls += 1;
      return { data: [calls], next: 'on' };
    });
    expect(calls).toBe(10);
  });
});
