/** Showing the whole drawing, from its top: what one reads first stands where one looks first. */
import { getViewportForBounds, type Viewport } from '@xyflow/react';
import { BLOCK_WIDTH, blockHeight, CARD_HEIGHT, CARD_WIDTH } from '../model/layout';
import { type Drawing, START, STOPS } from '../model/types';

/** Room for the toolbar above the drawing. */
const TOP = 72;

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
  return { ...fitted, y: TOP - y * fitted.zoom };
}
