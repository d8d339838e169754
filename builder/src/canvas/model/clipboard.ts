/** Blocks as text on the clipboard: pasted into the same workflow or another one. */
import { GRID, type Point, snap } from './edits';
import { newId } from './ids';
import { retarget } from './outputs';
import type { Block, Drawing, Layout } from './types';

interface Copied {
  readonly 'sojourn/blocks': 1;
  readonly blocks: readonly Block[];
  readonly layout: Layout;
}

export function copyBlocks(drawing: Drawing, ids: ReadonlySet<string>): string {
  const blocks = drawing.definition.blocks.filter((block) => ids.has(block.id));
  const layout = Object.fromEntries(Object.entries(drawing.layout).filter(([id]) => ids.has(id)));
  const copied: Copied = { 'sojourn/blocks': 1, blocks, layout };
  return JSON.stringify(copied, null, 2);
}

/** What `copyBlocks` wrote, or null for any other text. */
export function readCopied(text: string): Copied | null {
  if (text.length > 2_000_000 || !text.includes('sojourn/blocks')) return null;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null || !('blocks' in read)) return null;
  const { blocks, layout } = read as { blocks: unknown; layout?: unknown };
  if (!Array.isArray(blocks) || !blocks.every(isBlock)) return null;
  return { 'sojourn/blocks': 1, blocks, layout: isLayout(layout) ? layout : {} };
}

const isBlock = (value: unknown): value is Block =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'kind' in value &&
  typeof value.kind === 'string';

export const isLayout = (value: unknown): value is Layout =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite),
  );

export interface Pasted {
  readonly drawing: Drawing;
  readonly ids: readonly string[];
}

/**
 * Add copied blocks under new ids. Ways among them stay; ways to blocks that were not copied stay
 * only where `keepOutside` says so (a duplicate in the same workflow), else they lead nowhere.
 */
export function paste(
  drawing: Drawing,
  copied: Copied,
  options: { taken: ReadonlySet<string>; at?: Point | null; keepOutside?: boolean },
): Pasted {
  const taken = new Set(options.taken);
  const renamed = new Map<string, string>();
  for (const block of copied.blocks) {
    const id = newId(block.id, taken);
    taken.add(id);
    renamed.set(block.id, id);
  }
  const blocks = copied.blocks.map((block) => ({
    ...retarget(block, (id) => renamed.get(id) ?? (options.keepOutside ? id : null)),
    id: renamed.get(block.id) ?? block.id,
  }));
  const [dx, dy] = shift(copied.layout, options.at ?? null);
  const layout: Record<string, Point> = { ...drawing.layout };
  for (const block of copied.blocks) {
    const [x, y] = copied.layout[block.id] ?? [0, 0];
    layout[renamed.get(block.id) ?? block.id] = snap([x + dx, y + dy]);
  }
  return {
    drawing: {
      definition: {
        ...drawing.definition,
        blocks: [...drawing.definition.blocks, ...blocks],
      },
      layout,
    },
    ids: [...renamed.values()],
  };
}

/** How far to move what is pasted: to the pointer, or a step aside. */
function shift(layout: Layout, at: Point | null): Point {
  const points = Object.values(layout);
  if (at === null || points.length === 0) return [2 * GRID, 2 * GRID];
  const left = Math.min(...points.map(([x]) => x));
  const top = Math.min(...points.map(([, y]) => y));
  return [at[0] - left, at[1] - top];
}
