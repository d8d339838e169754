/** The keys of the canvas, for whoever presses them and for the list that `?` shows. */
import type { Drawing, Layout } from '../model/types';
import { START, STOPS } from '../model/types';

export const SHORTCUTS: readonly { keys: readonly string[]; does: string }[] = [
  { keys: ['← ↑ → ↓'], does: 'Go to the next block in that direction' },
  { keys: ['Alt + ← ↑ → ↓'], does: 'Move the chosen blocks' },
  { keys: ['Enter'], does: 'Open the form of the block; on an edge, insert a block' },
  { keys: ['Esc'], does: 'Close the form, choose nothing' },
  { keys: ['Del', 'Backspace'], does: 'Delete what is chosen' },
  {
    keys: ['Ctrl + C', 'Ctrl + X', 'Ctrl + V'],
    does: 'Copy, cut and paste, also between workflows',
  },
  { keys: ['Ctrl + D'], does: 'Duplicate' },
  { keys: ['Ctrl + A'], does: 'Choose all blocks' },
  { keys: ['Ctrl + Z', 'Ctrl + Y'], does: 'Undo and redo' },
  { keys: ['Shift + click', 'Shift + drag'], does: 'Choose several blocks' },
  { keys: ['L'], does: 'Lay the blocks out anew' },
  { keys: ['F'], does: 'Fit the whole workflow into view' },
  { keys: ['+', '−'], does: 'Zoom in and out' },
  { keys: ['B'], does: 'Go to the list of blocks' },
  { keys: ['?'], does: 'Show this list' },
];

export type Direction = 'left' | 'right' | 'up' | 'down';

export const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** The nearest block or card in a direction; what lies aside counts as farther. */
export function neighbour(drawing: Drawing, from: string, direction: Direction): string | null {
  const here = drawing.layout[from];
  if (!here) return null;
  const along = direction === 'left' || direction === 'right' ? 0 : 1;
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  let best: { id: string; far: number } | null = null;
  for (const id of allIds(drawing)) {
    const there = drawing.layout[id];
    if (id === from || !there) continue;
    const ahead = ((there[along] ?? 0) - (here[along] ?? 0)) * sign;
    const aside = Math.abs((there[1 - along] ?? 0) - (here[1 - along] ?? 0));
    if (ahead <= 0) continue;
    const far = ahead + 2 * aside;
    if (best === null || far < best.far) best = { id, far };
  }
  return best?.id ?? null;
}

export const allIds = (drawing: Drawing): string[] => [
  START,
  STOPS,
  ...drawing.definition.blocks.map((block) => block.id),
];

/** The positions of these blocks, moved by one step of the grid. */
export function nudged(layout: Layout, ids: Iterable<string>, direction: Direction, step: number) {
  const by = { left: [-step, 0], right: [step, 0], up: [0, -step], down: [0, step] }[direction];
  const moved: Record<string, readonly [number, number]> = {};
  for (const id of ids) {
    const [x, y] = layout[id] ?? [0, 0];
    moved[id] = [x + (by[0] ?? 0), y + (by[1] ?? 0)];
  }
  return moved;
}

/** Whether a key belongs to a field, or to a dialog that lies over the canvas. */
export function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable], [role="dialog"], [role="listbox"], [role="menu"], [data-form]',
    ) !== null
  );
}
