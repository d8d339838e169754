/** Edits of a drawing. Each is a function from a drawing to a drawing; blocks untouched stay the same objects. */
import { blockById, edges, reachable } from './graph';
import { mainOutput, outputs, retarget, withTarget } from './outputs';
import { type Block, type Definition, type Drawing, type Layout, START } from './types';

export const GRID = 20;
/** How far blocks below make way for one that is put between. */
export const ROW = 160;
/** The least distance from the top of a block to the top of the one behind it. */
const GAP = 140;

export type Point = readonly [x: number, y: number];

const snapped = (value: number): number => Math.round(value / GRID) * GRID;
export const snap = ([x, y]: Point): Point => [snapped(x), snapped(y)];

function withBlocks(drawing: Drawing, blocks: Block[], layout: Layout = drawing.layout): Drawing {
  return { definition: { ...drawing.definition, blocks }, layout };
}

/** Replace the definition's own parts: name, start, stops. */
export function setDefinition(drawing: Drawing, change: Partial<Definition>): Drawing {
  return { ...drawing, definition: { ...drawing.definition, ...change } };
}

export function setBlock(drawing: Drawing, block: Block): Drawing {
  return withBlocks(
    drawing,
    drawing.definition.blocks.map((one) => (one.id === block.id ? block : one)),
  );
}

export function addBlock(drawing: Drawing, block: Block, at: Point): Drawing {
  const layout = { ...drawing.layout, [block.id]: snap(at) };
  return withBlocks(drawing, [...drawing.definition.blocks, block], layout);
}

export function moveBlocks(drawing: Drawing, moved: Readonly<Record<string, Point>>): Drawing {
  const layout = { ...drawing.layout };
  for (const [id, point] of Object.entries(moved)) layout[id] = snap(point);
  return { ...drawing, layout };
}

/** Lead a way out of `source` to `target`, or nowhere. The start card's leads to the first block. */
export function connect(
  drawing: Drawing,
  source: string,
  path: string,
  target: string | null,
): Drawing {
  const { blocks } = drawing.definition;
  if (source === START) {
    const first = blocks.find((block) => block.id === target);
    return first ? withBlocks(drawing, [first, ...blocks.filter((one) => one !== first)]) : drawing;
  }
  const block = blockById(drawing.definition).get(source);
  return block ? setBlock(drawing, withTarget(block, path, target)) : drawing;
}

/** Put a block that is in the drawing into an edge: source → block → what the edge led to. */
export function insertOnEdge(drawing: Drawing, edgeId: string, id: string): Drawing {
  const edge = edges(drawing.definition).find((one) => one.id === edgeId);
  const block = blockById(drawing.definition).get(id);
  const output = block && mainOutput(block);
  if (!edge || !block || !output || edge.source === id || edge.target === id) return drawing;
  const onward = setBlock(drawing, withTarget(block, output.path, edge.target));
  const [x, y] = drawing.layout[id] ?? [0, 0];
  const [, above] = drawing.layout[edge.source] ?? [0, y - GAP];
  // An edge that leads upwards (a loop) has no room to make: there it stays where it was let go.
  const [, below] = drawing.layout[edge.target] ?? [0, y];
  const spot = below > above ? { [id]: [x, Math.max(y, above + GAP)] as const } : {};
  return makeRoom(moveBlocks(connect(onward, edge.source, edge.path, id), spot), id, edge.target);
}

/** Move what follows `target` down where `id` would cover it. */
function makeRoom(drawing: Drawing, id: string, target: string): Drawing {
  const [, top] = drawing.layout[id] ?? [0, 0];
  const [, targetTop] = drawing.layout[target] ?? [0, top + ROW];
  const by = Math.max(0, top + ROW - targetTop);
  if (by === 0 || targetTop + GRID < top) return drawing;
  const moved: Record<string, Point> = {};
  for (const follower of reachable(drawing.definition, target)) {
    const [x, y] = drawing.layout[follower] ?? [0, 0];
    if (follower !== id && y >= targetTop) moved[follower] = [x, y + by];
  }
  return moveBlocks(drawing, moved);
}

/** Put a new block at a spot and lead a way out to it; where that led before, the new block leads. */
export function addWhere(
  drawing: Drawing,
  block: Block,
  source: string,
  path: string,
  at: Point,
): Drawing {
  const before = edges(drawing.definition).find(
    (edge) => edge.source === source && edge.path === path,
  );
  const added = addBlock(drawing, block, at);
  const output = mainOutput(block);
  const onward =
    before && output ? setBlock(added, withTarget(block, output.path, before.target)) : added;
  return connect(onward, source, path, block.id);
}

/** Put a new block behind a way out; what came there comes behind the new block. */
export function addBehind(drawing: Drawing, block: Block, source: string, path: string): Drawing {
  const [x, y] = drawing.layout[source] ?? [0, 0];
  const before = edges(drawing.definition).find(
    (edge) => edge.source === source && edge.path === path,
  );
  const added = addBlock(drawing, block, freeSpot(drawing, [x, y + ROW], before?.target));
  if (before) {
    const inserted = insertOnEdge(added, before.id, block.id);
    if (inserted !== added) return inserted;
  }
  return connect(added, source, path, block.id);
}

/** The spot, or the next one to the right of it that no block covers. `ignored` makes way by itself. */
export function freeSpot(drawing: Drawing, [x, y]: Point, ignored?: string): Point {
  const taken = Object.entries(drawing.layout).filter(([id]) => id !== ignored);
  let at = x;
  while (taken.some(([, [left, top]]) => Math.abs(left - at) < 240 && Math.abs(top - y) < 90)) {
    at += 2 * GRID;
  }
  return [at, y];
}

/** Take blocks out. Ways that led to one lead on to where it led, if that is one place. */
export function removeBlocks(drawing: Drawing, ids: ReadonlySet<string>): Drawing {
  const blocks = blockById(drawing.definition);
  const onward = (id: string, seen: ReadonlySet<string> = new Set()): string | null => {
    if (!ids.has(id)) return blocks.has(id) ? id : null;
    const block = blocks.get(id);
    if (!block || seen.has(id)) return null;
    const targets = new Set(outputs(block).flatMap(({ target }) => target ?? []));
    const [only] = targets;
    return targets.size === 1 && only ? onward(only, new Set([...seen, id])) : null;
  };
  const { blocks: before } = drawing.definition;
  const kept = before
    .filter((block) => !ids.has(block.id))
    .map((block) => retarget(block, (target) => (ids.has(target) ? onward(target) : target)));
  const first = before[0] ? onward(before[0].id) : null;
  const inOrder = [
    ...kept.filter((block) => block.id === first),
    ...kept.filter((block) => block.id !== first),
  ];
  const layout = Object.fromEntries(Object.entries(drawing.layout).filter(([id]) => !ids.has(id)));
  return withBlocks(drawing, inOrder, layout);
}

/** Call a block by another id, wherever it is named: in edges and in conditions about its messages. */
export function renameBlock(drawing: Drawing, from: string, to: string): Drawing {
  const renamed = drawing.definition.blocks.map((block) => {
    const led = retarget(block, (target) => (target === from ? to : target));
    const own = led.id === from ? { ...led, id: to } : led;
    return own.kind === 'condition' || own.kind === 'wait_for' ? mentioning(own, from, to) : own;
  });
  const layout = Object.fromEntries(
    Object.entries(drawing.layout).map(([id, point]) => [id === from ? to : id, point]),
  );
  return withBlocks(drawing, renamed, layout);
}

function mentioning<T>(part: T, from: string, to: string): T {
  if (Array.isArray(part)) return part.map((one) => mentioning(one, from, to)) as T;
  if (part === null || typeof part !== 'object') return part;
  const entries = Object.entries(part).map(([key, value]) => {
    if (key === 'message' && isMessageOf(value, from)) return [key, { ...value, block: to }];
    return [key, mentioning(value, from, to)];
  });
  return Object.fromEntries(entries) as T;
}

const isMessageOf = (value: unknown, block: string): value is { block: string } =>
  typeof value === 'object' && value !== null && 'block' in value && value.block === block;
