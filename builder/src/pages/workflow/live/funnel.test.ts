import { describe, expect, it } from 'vitest';
import example from '@/canvas/model/example.json';
import type { Definition } from '@/canvas/model/types';
import { ordered, percent, stages } from './funnel';
import { beginning, type Stats } from './queries';

const definition = example as unknown as Definition;

describe('the funnel', () => {
  it('has every block once, the first one first', () => {
    const ids = ordered(definition).map((block) => block.id);
    expect(ids[0]).toBe(definition.blocks[0]?.id);
    expect(ids.toSorted()).toEqual(definition.blocks.map((block) => block.id).toSorted());
  });

  it('measures by those who began', () => {
    const first = definition.blocks[0]?.id ?? '';
    const stats = {
      totals: { started: 40 },
      blocks: [{ block: first, entered: 10, sent: 8, opened: 4, clicked: 1 }],
    } as unknown as Stats;
    expect(stages(definition, stats)[0]).toMatchObject({ entered: 10, share: 0.25, sent: 8 });
    expect(stages(definition, stats)[1]).toMatchObject({ entered: 0, share: 0 });
  });

  it.each([
    [0, 0, '–'],
    [1, 3, '33 %'],
    [1, 30, '3.3 %'],
    [0, 30, '0 %'],
  ])('%d of %d is %s', (part, whole, words) => {
    expect(percent(part, whole)).toBe(words);
  });
});

it('a range begins at a full hour', () => {
  expect(beginning('day', Date.parse('2026-03-02T10:20:30Z'))).toBe('2026-03-01T11:00:00.000Z');
});
