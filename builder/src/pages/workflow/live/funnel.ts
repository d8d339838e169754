/** How many of those who began came how far, block by block. */
import { outputs } from '@/canvas/model/outputs';
import type { Block, Definition } from '@/canvas/model/types';
import type { Stats } from './queries';

export interface Stage {
  readonly block: Block;
  readonly entered: number;
  /** Of those who began; more than one where a loop leads through again. */
  readonly share: number;
  readonly sent: number;
  readonly opened: number;
  readonly clicked: number;
}

type BlockStats = Stats['blocks'][number];

export function stages(definition: Definition, stats: Stats): Stage[] {
  const counted = new Map(stats.blocks.map((one) => [one.block, one]));
  const began = stats.totals.started;
  return ordered(definition).map((block) => stage(block, counted.get(block.id), began));
}

function stage(block: Block, found: BlockStats | undefined, began: number): Stage {
  const { entered = 0, sent = 0, opened = 0, clicked = 0 } = found ?? {};
  return { block, entered, share: began > 0 ? entered / began : 0, sent, opened, clicked };
}

/** The blocks as they are come to: first all that are one step away, then all of two. */
export function ordered(definition: Definition): Block[] {
  const blocks = new Map(definition.blocks.map((block) => [block.id, block]));
  const found = new Set<Block>();
  const pending = definition.blocks.slice(0, 1);
  for (let block = pending.shift(); block !== undefined; block = pending.shift()) {
    if (found.has(block)) continue;
    found.add(block);
    for (const { target } of outputs(block)) {
      const next = target === null ? undefined : blocks.get(target);
      if (next) pending.push(next);
    }
  }
  return [...found];
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (part / whole) * 100;
  return `${share > 0 && share < 10 ? share.toFixed(1) : Math.round(share)} %`;
}
