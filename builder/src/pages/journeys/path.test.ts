import { describe, expect, it } from 'vitest';
import { pathOf, type Step, tookWords } from './path';

const step = (block: string, edge: string | null, left = true): Step => ({
  block,
  entered_at: '2026-03-01T09:00:00Z',
  left_at: left ? '2026-03-01T10:00:00Z' : null,
  outcome: left ? 'passed' : null,
  edge,
});

describe('the way of a journey', () => {
  it('marks the blocks in order and the edges between them', () => {
    const { visits, taken } = pathOf(
      [step('hello', 'next'), step('wait', null, false)],
      'running',
      'UTC',
    );
    expect([...taken]).toEqual(['$start:first', 'hello:next']);
    expect(visits.get('hello')).toMatchObject({ state: 'passed', places: [1] });
    expect(visits.get('wait')).toMatchObject({ state: 'here', places: [2] });
  });

  it('tells of a loop at the block that was visited twice, the last visit first', () => {
    const { visits } = pathOf(
      [step('a', 'next'), step('b', 'next'), step('a', null, false)],
      'running',
      'UTC',
    );
    const visit = visits.get('a');
    expect(visit?.places).toEqual([1, 3]);
    expect(visit?.state).toBe('here');
    expect(visit?.lines[0]).toMatch(/is here$/);
  });

  it('shows where it ended, and where it failed', () => {
    expect(pathOf([step('a', null)], 'stopped', 'UTC').visits.get('a')?.state).toBe('ended');
    expect(pathOf([step('a', null)], 'failed', 'UTC').visits.get('a')?.state).toBe('broken');
  });

  it('names the day once when it was left on the same', () => {
    const { visits } = pathOf([step('a', 'next')], 'running', 'UTC');
    expect(visits.get('a')?.lines).toEqual(['1 Mar, 09:00 – 10:00: went on']);
  });

  it('of nobody is nothing', () => {
    expect(pathOf([], 'running', 'UTC').taken.size).toBe(0);
  });
});

describe('how long it took', () => {
  it.each([
    ['2026-03-01T00:00:00.200Z', 'at once'],
    ['2026-03-01T00:00:40Z', '40 s'],
    ['2026-03-01T02:03:04Z', '2 h 3 min'],
    ['2026-03-04T00:10:00Z', '3 d'],
  ])('until %s is %s', (to, words) => {
    expect(tookWords('2026-03-01T00:00:00Z', to)).toBe(words);
  });
});
