/** Ways round blocks: an edge that would run behind one takes a lane beside it. */
import { edges } from './graph';
import { BLOCK_WIDTH, blockHeight, CARD_HEIGHT, CARD_WIDTH } from './layout';
import { outputs } from './outputs';
import { type Block, type Drawing, START, STOPS } from './types';

export type Place = readonly [x: number, y: number];

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How far an edge goes straight on before it turns into its lane. */
export const TURN = 22;
/** Between a lane and the block that it passes. */
const BESIDE = 20;
const CORNER = 6;

/** Where an edge runs: down, into its lane, along it, and over to its end. */
export function corners(from: Place, to: Place, lane: number): Place[] {
  const [out, into] = [from[1] + TURN, to[1] - TURN];
  return [from, [from[0], out], [lane, out], [lane, into], [to[0], into], to];
}

/** Where it runs of its own accord, as React Flow draws it. */
export function direct(from: Place, to: Place): Place[] {
  const middle = (from[1] + to[1]) / 2;
  if (to[1] - from[1] < 2 * TURN) return corners(from, to, (from[0] + to[0]) / 2);
  return [from, [from[0], middle], [to[0], middle], to];
}

/** The lanes of the edges that need one, by the ids of the edges: the `x` where each runs. */
export function lanes({ definition, layout }: Drawing): Map<string, number> {
  const boxes = new Map<string, Box>();
  const put = (id: string, width: number, height: number): void => {
    const [left, top] = layout[id] ?? [0, 0];
    boxes.set(id, { left, top, right: left + width, bottom: top + height });
  };
  put(START, CARD_WIDTH, CARD_HEIGHT);
  put(STOPS, CARD_WIDTH, CARD_HEIGHT);
  for (const block of definition.blocks) put(block.id, BLOCK_WIDTH, blockHeight(block));
  const blocks = new Map(definition.blocks.map((block) => [block.id, block]));
  const all = [...boxes.values()];
  const found = new Map<string, number>();
  for (const edge of edges(definition)) {
    const [source, target] = [boxes.get(edge.source), boxes.get(edge.target)];
    if (!source || !target) continue;
    const at = handle(blocks.get(edge.source), edge.path);
    const from: Place = [source.left + at * (source.right - source.left), source.bottom];
    const to: Place = [(target.left + target.right) / 2, target.top];
    const lane = laneOf(from, to, all);
    if (lane !== null) found.set(edge.id, lane);
  }
  return found;
}

/** How far from the left a way out begins, as a share of the block's width. */
function handle(block: Block | undefined, path: string): number {
  if (!block) return 0.5;
  const ways = outputs(block);
  if (ways.some((way) => way.optional && way.path === path)) return 0.84;
  const main = ways.filter((way) => !way.optional);
  return (main.findIndex((way) => way.path === path) + 0.5) / main.length;
}

/** Null where the edge runs freely of its own accord, or nothing is better. */
function laneOf(from: Place, to: Place, boxes: readonly Box[]): number | null {
  const [high, low] = [Math.min(from[1], to[1]) - TURN, Math.max(from[1], to[1]) + TURN];
  const near = boxes.filter((box) => box.bottom > high && box.top < low);
  if (free(direct(from, to), near)) return null;
  const middle = (from[0] + to[0]) / 2;
  const choices = near.flatMap((box) => [box.left - BESIDE, box.right + BESIDE]);
  choices.push(from[0], to[0]);
  choices.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
  return choices.find((lane) => free(corners(from, to, lane), near)) ?? null;
}

const free = (points: readonly Place[], boxes: readonly Box[]): boolean =>
  boxes.every((box) => !crosses(points, box));

/** Whether a line of upright and level parts runs through a box; along its rim is not through. */
export function crosses(points: readonly Place[], box: Box): boolean {
  return points.some((to, index) => {
    const from = points[index - 1];
    if (!from) return false;
    return (
      Math.max(from[0], to[0]) > box.left &&
      Math.min(from[0], to[0]) < box.right &&
      Math.max(from[1], to[1]) > box.top &&
      Math.min(from[1], to[1]) < box.bottom
    );
  });
}

/** An SVG path along the points, its corners rounded. */
export function pathAlong(points: readonly Place[]): string {
  const [start, ...others] = points;
  if (!start) return '';
  let path = `M ${start[0]} ${start[1]}`;
  others.forEach((point, index) => {
    const before = points[index] ?? point;
    const next = others[index + 1];
    if (!next) path += ` L ${point[0]} ${point[1]}`;
    else {
      const [into, out] = [towards(point, before), towards(point, next)];
      path += ` L ${into[0]} ${into[1]} Q ${point[0]} ${point[1]} ${out[0]} ${out[1]}`;
    }
  });
  return path;
}

function towards([x, y]: Place, [otherX, otherY]: Place): Place {
  const far = Math.hypot(otherX - x, otherY - y);
  const share = far === 0 ? 0 : Math.min(CORNER, far / 2) / far;
  return [x + (otherX - x) * share, y + (otherY - y) * share];
}
