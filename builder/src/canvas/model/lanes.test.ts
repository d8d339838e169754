import { describe, expect, it } from 'vitest';
import { edges } from './graph';
import { corners, crosses, direct, lanes, type Place, pathAlong } from './lanes';
import { autoLayout, BLOCK_WIDTH, blockHeight, CARD_HEIGHT, CARD_WIDTH } from './layout';
import { outputs } from './outputs';
import { type Block, type Definition, type Drawing, START } from './types';

const base = { name: 'Long', start: { kind: 'event', event: 'A' } } as const;
const timer = (id: string, next?: string): Block => ({
  id,
  kind: 'timer',
  wait: { for: 'P1D' },
  ...(next && { next }),
});
const choice = (id: string, then: string, other: string): Block =>
  ({ id, kind: 'condition', if: { all: [] }, then, else: other }) as Block;

const drawn = (blocks: Block[]): Drawing => {
  const definition: Definition = { ...base, blocks };
  return { definition, layout: autoLayout(definition) };
};

/** The edges that run behind a block, as they are drawn. */
function hidden({ definition, layout }: Drawing): string[] {
  const found = lanes({ definition, layout });
  const boxes = new Map(
    [START, ...definition.blocks.map((block) => block.id)].map((id) => {
      const [left, top] = layout[id] ?? [0, 0];
      const block = definition.blocks.find((one) => one.id === id);
      const width = block ? BLOCK_WIDTH : CARD_WIDTH;
      const height = block ? blockHeight(block) : CARD_HEIGHT;
      return [id, { left, top, right: left + width, bottom: top + height }] as const;
    }),
  );
  return edges(definition)
    .filter((edge) => {
      const [source, target] = [boxes.get(edge.source), boxes.get(edge.target)];
      const block = definition.blocks.find((one) => one.id === edge.source);
      if (!source || !target) return false;
      const ways = block ? outputs(block).filter((way) => !way.optional) : [];
      const place = ways.findIndex((way) => way.path === edge.path);
      const share = place < 0 ? 0.5 : (place + 0.5) / ways.length;
      const from: Place = [source.left + share * (source.right - source.left), source.bottom];
      const to: Place = [(target.left + target.right) / 2, target.top];
      const lane = found.get(edge.id);
      const points = lane === undefined ? direct(from, to) : corners(from, to, lane);
      return [...boxes.values()].some((box) => crosses(points, box));
    })
    .map((edge) => edge.id);
}

describe('edges', () => {
  it('that pass over several ranks go round the blocks between', () => {
    const drawing = drawn([
      choice('paid', 'a', 'end'),
      timer('a', 'b'),
      timer('b', 'c'),
      timer('c', 'end'),
      { id: 'end', kind: 'exit' },
    ]);
    expect(hidden(drawing)).toEqual([]);
  });

  it('that lead back go round the blocks of their loop', () => {
    const drawing = drawn([
      timer('a', 'b'),
      timer('b', 'again'),
      choice('again', 'a', 'end'),
      { id: 'end', kind: 'exit' },
    ]);
    expect(lanes(drawing).size).toBeGreaterThan(0);
    expect(hidden(drawing)).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('of a laid out drawing are never hidden (%i)', (seed) => {
    expect(hidden(drawn(randomBlocks(seed)))).toEqual([]);
  });

  it('that are free stay as they are', () => {
    expect(lanes(drawn([timer('a', 'b'), timer('b')])).size).toBe(0);
  });

  it('have round corners where they turn', () => {
    expect(
      pathAlong([
        [0, 0],
        [0, 20],
        [40, 20],
      ]),
    ).toBe('M 0 0 L 0 14 Q 0 20 6 20 L 40 20');
  });
});

/** Forty blocks that lead forwards, over few or many others, the same for the same seed. */
function randomBlocks(seed: number): Block[] {
  let state = seed;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const count = 40;
  const ahead = (index: number): string => `b${Math.min(count - 1, index + 1 + random(7))}`;
  return Array.from({ length: count }, (_, index): Block => {
    if (index === count - 1) return { id: `b${index}`, kind: 'exit' };
    return random(3) === 0
      ? choice(`b${index}`, `b${index + 1}`, ahead(index))
      : timer(`b${index}`, ahead(index));
  });
}
