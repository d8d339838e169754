/** Showing the whole drawing, from its top: what one reads first stands where one looks first. */
import { getViewportForBounds, type Viewport } from '@xyflow/react';
import { BLOCK_WIDTH, blockHeight, CARD_HEIGHT, CARD_WIDTH } from '../model/layout';
import { type Drawing, START, STOPS } from '../model/types';

/** Room for the toolbar above the drawing. */
const TOP = 72;
const SIDE = 24;

export function viewportFor(
  { definition, layout }: Drawing,
  width: number,
  height: number,
): Viewport {
  const boxes = [
    ...[START, STOPS].map((id) => ({ at: layout[id], width: CARD_WIDTH, height: CARD_HEIGHT })),
    ...definition.blocks.map((block) => ({
      at: layout[block.id],
      width: BLOCK_WIDTH,
      height: blockHeight(block),
    })),
  ].flatMap(({ at, ...size }) => (at ? [{ x: at[0], y: at[1], ...size }] : []));
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const bounds = { x, y, width: right - x, height: bottom - y };
  // Smaller than this nobody reads; the rest is a scroll away, and on the map.
  const fitted = getViewportForBounds(bounds, width, height - TOP, 0.45, 1, 0.06);
  return {
    ...fitted,
    x: across(fitted, bounds, layout[START]?.[0], width),
    y: TOP - y * fitted.zoom,
  };
}

/** What is wider than the window begins with its start, in the middle if there is more on both sides. */
function across(
  { x, zoom }: Viewport,
  bounds: { x: number; width: number },
  start: number | undefined,
  width: number,
): number {
  const room = width - 2 * SIDE - bounds.width * zoom;
  if (start === undefined || room >= 0) return x;
  const left = SIDE - bounds.x * zoom;
  const centred = width / 2 - (start + CARD_WIDTH / 2) * zoom;
  return Math.min(left, Math.max(left + room, centred));
}
