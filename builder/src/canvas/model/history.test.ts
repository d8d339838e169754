import { describe, expect, it } from 'vitest';
import { begin, commit, redo, undo } from './history';

const step = <T>(history: ReturnType<typeof begin<T>>, next: T, at: number, group?: string) =>
  commit(history, next, { at, group: group ?? null });

describe('history', () => {
  it('goes back and forth', () => {
    const there = step(step(begin('a'), 'b', 0), 'c', 1);
    const back = undo(undo(there));
    expect(back.present).toBe('a');
    expect(redo(redo(back)).present).toBe('c');
    expect(undo(back)).toBe(back);
  });

  it('forgets the future when something else is done', () => {
    const other = step(undo(step(begin('a'), 'b', 0)), 'c', 1);
    expect(redo(other)).toBe(other);
  });

  it('takes edits of one thing as one step until there is a pause', () => {
    let typed = begin('');
    for (const [text, at] of [
      ['h', 0],
      ['he', 500],
      ['hel', 1000],
      ['hell', 9000],
    ] as const) {
      typed = step(typed, text, at, 'name');
    }
    expect(undo(typed).present).toBe('hel');
    expect(undo(undo(typed)).present).toBe('');
  });

  it('is bounded', () => {
    let long = begin(0);
    for (let at = 1; at <= 1000; at += 1) long = step(long, at, at);
    expect(long.past.length).toBe(200);
  });
});
