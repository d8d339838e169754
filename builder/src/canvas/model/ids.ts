/** Ids of blocks: readable, and never used for another block again. */
import type { BlockKind } from './types';

/** `message`, then `message-2`, `message-3`, …: the first that is not in `taken`. */
export function newId(stem: string, taken: ReadonlySet<string>): string {
  const base = stem.replace(/-\d+$/, '').slice(0, 58) || 'block';
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const id = `${base}-${number}`;
    if (!taken.has(id)) return id;
  }
}

export const stemOf = (kind: BlockKind): string => kind.replaceAll('_', '-');
