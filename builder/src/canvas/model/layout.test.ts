import { describe, expect, it } from 'vitest';
import { emptyBlock } from './empty';
import example from './example.json';
import { newId } from './ids';
import { byOwner, messageAt, placeIssues } from './issues';
import { autoLayout, placed } from './layout';
import { type Definition, START, STOPS } from './types';

const definition = example as unknown as Definition;

describe('laying out', () => {
  it('puts each block below the one that leads to it, on the grid', () => {
    const layout = autoLayout(definition);
    const top = (id: string): number => layout[id]?.[1] ?? Number.NaN;
    for (const [above, below] of [
      [START, 'hello'],
      ['hello', 'wait'],
      ['wait', 'paid'],
      ['paid', 'offer'],
      ['offer', 'bye'],
    ] as const) {
      expect(top(below)).toBeGreaterThan(top(above) + 90);
    }
    expect(
      Object.values(layout)
        .flat()
        .every((value) => value % 20 === 0),
    ).toBe(true);
  });

  it('keeps what was stored and places only what is new', () => {
    const stored = { ...autoLayout(definition), wait: [1000, 2000] as const };
    const more = { ...definition, blocks: [...definition.blocks, emptyBlock('exit', 'end')] };
    const layout = placed(more, stored);
    expect(layout.wait).toEqual([1000, 2000]);
    expect(layout.end).toBeDefined();
  });

  it('lays out a drawing without blocks', () => {
    expect(Object.keys(autoLayout({ ...definition, blocks: [] }))).toEqual([START, STOPS]);
  });
});

describe('issues', () => {
  const issues = placeIssues(
    [
      { path: '$.blocks[1].wait.for', message: 'no duration' },
      { path: '$.definition.stop[0].events', message: 'at least one' },
      { path: '$.start.event', message: 'missing' },
      { path: '$.name', message: 'too long' },
    ],
    definition,
    'error',
  );

  it('belong to blocks and cards', () => {
    expect(issues.map((issue) => issue.owner)).toEqual(['wait', STOPS, START, null]);
    expect([...byOwner(issues).keys()]).toEqual(['wait', STOPS, START]);
  });

  it('are found by field', () => {
    expect(messageAt(byOwner(issues).get('wait') ?? [], 'wait')).toBe('no duration');
    expect(messageAt(issues, '[0].events')).toBe('at least one');
  });
});

describe('ids', () => {
  it.each([
    ['message', [], 'message'],
    ['message', ['message'], 'message-2'],
    ['message-2', ['message', 'message-2'], 'message-3'],
  ])('%s beside %j is %s', (stem, taken, id) => {
    expect(newId(stem, new Set(taken))).toBe(id);
  });
});
