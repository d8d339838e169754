/** The ways out of a block: which there are, where each leads, and how to lead it elsewhere. */
import type { Block } from './types';

export interface Output {
  /** The field that holds the target, as the server's messages name it: `next`, `branches[0].next`. */
  readonly path: string;
  readonly target: string | null;
  readonly label: string;
  /** Most drawings leave it out: it is drawn quietly while it leads nowhere. */
  readonly optional: boolean;
}

/** What the ways out are called, in the order of `outputs`. */
const LABELS: Partial<Record<Block['kind'], readonly [string, string]>> = {
  message: ['', 'not sent'],
  best_of: ['', 'not sent'],
  first_reachable: ['', 'not reachable'],
  promo: ['', 'none left'],
  condition: ['yes', 'no'],
  wait_for: ['it happened', 'time is up'],
};

/** List the ways out of a block, in the order in which they are drawn. */
export function outputs(block: Block): Output[] {
  const [first, second] = LABELS[block.kind] ?? ['', ''];
  switch (block.kind) {
    case 'split':
      return block.branches.map((branch, index) => ({
        path: `branches[${index}].next`,
        target: branch.next ?? null,
        label: share(branch.weight, block.branches),
        optional: false,
      }));
    case 'condition':
    case 'wait_for':
      return [
        { path: 'then', target: block.then ?? null, label: first, optional: false },
        { path: 'else', target: block.else ?? null, label: second, optional: false },
      ];
    case 'message':
    case 'best_of':
    case 'first_reachable':
    case 'promo':
      return [
        { path: 'next', target: block.next ?? null, label: first, optional: false },
        { path: 'else', target: block.else ?? null, label: second, optional: true },
      ];
    case 'timer':
    case 'update':
    case 'emit':
      return [{ path: 'next', target: block.next ?? null, label: '', optional: false }];
    default:
      return [];
  }
}

/** A branch's share of the contacts, as people write it: "33 %". */
export function share(weight: number, branches: readonly { weight: number }[]): string {
  const sum = branches.reduce((total, branch) => total + branch.weight, 0);
  const percent = sum > 0 ? (weight / sum) * 100 : 0;
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))} %`;
}

/** The block with one way out leading to `target`, or nowhere. */
export function withTarget(block: Block, path: string, target: string | null): Block {
  const branch = /^branches\[(\d+)\]\.next$/.exec(path);
  if (branch && block.kind === 'split') {
    const at = Number(branch[1]);
    return {
      ...block,
      branches: block.branches.map((one, index) => (index === at ? led(one, 'next', target) : one)),
    };
  }
  return led(block, path, target);
}

function led<T extends object>(owner: T, field: string, target: string | null): T {
  if (target !== null) return { ...owner, [field]: target };
  return Object.fromEntries(Object.entries(owner).filter(([name]) => name !== field)) as T;
}

/** The block with every way that `rename` knows led to the new id, or nowhere. */
export function retarget(block: Block, rename: (target: string) => string | null): Block {
  let changed = block;
  for (const output of outputs(block)) {
    if (output.target === null) continue;
    const target = rename(output.target);
    if (target !== output.target) changed = withTarget(changed, output.path, target);
  }
  return changed;
}

/** The way that is meant when a block is put into an edge: its first, if it has one. */
export function mainOutput(block: Block): Output | undefined {
  return outputs(block)[0];
}
