/** Questions about the drawing as a whole: its edges, what leads where. */
import { outputs } from './outputs';
import { type Block, type Definition, START } from './types';

export interface Edge {
  readonly id: string;
  readonly source: string;
  /** The way out of the source: `next`, `then`, `branches[0].next`; of the start card `first`. */
  readonly path: string;
  readonly target: string;
  readonly label: string;
}

/** The kinds of blocks that send something. */
export const SENDING: ReadonlySet<string> = new Set(['message', 'best_of', 'first_reachable']);

export const edgeId = (source: string, path: string): string => `${source}:${path}`;

/** All edges that lead to a block that exists, that from the start card first. */
export function edges(definition: Definition): Edge[] {
  const known = new Set(definition.blocks.map((block) => block.id));
  const found: Edge[] = [];
  const first = definition.blocks[0];
  if (first) {
    const id = edgeId(START, 'first');
    found.push({ id, source: START, path: 'first', target: first.id, label: '' });
  }
  for (const block of definition.blocks) {
    for (const { path, target, label } of outputs(block)) {
      if (target === null || !known.has(target)) continue;
      found.push({ id: edgeId(block.id, path), source: block.id, path, target, label });
    }
  }
  return found;
}

export function blockById(definition: Definition): Map<string, Block> {
  return new Map(definition.blocks.map((block) => [block.id, block]));
}

/** The blocks that a journey can come to from `from`, itself among them. */
export function reachable(definition: Definition, from: string): Set<string> {
  const blocks = blockById(definition);
  const seen = new Set<string>();
  const pending = [from];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const block = blocks.get(id);
    if (!block || seen.has(id)) continue;
    seen.add(id);
    for (const { target } of outputs(block)) if (target !== null) pending.push(target);
  }
  return seen;
}

/** Whether an edge may be drawn: from an output that exists to another block. */
export function mayConnect(definition: Definition, source: string, target: string): boolean {
  if (source === target || target === START) return false;
  const blocks = blockById(definition);
  return blocks.has(target) && (source === START || blocks.has(source));
}
