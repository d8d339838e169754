/** Where blocks stand when nobody put them anywhere: ranks from top to bottom, by dagre. */
import dagre from '@dagrejs/dagre';
import { GRID, snap } from './edits';
import { edges } from './graph';
import { outputs } from './outputs';
import { type Block, type Definition, type Layout, START, STOPS } from './types';

export const BLOCK_WIDTH = 250;
/** Wider by an even number of grid steps, so that a block stands exactly below the card. */
export const CARD_WIDTH = 290;

/** About as high as it is drawn: blocks with named ways out have one line more. */
export function blockHeight(block: Block): number {
  return outputs(block).length > 1 ? 116 : 92;
}

export const CARD_HEIGHT = 104;
/** Between ranks: room for an edge, its label and its plus. */
const RANK_GAP = 64;

export function autoLayout(definition: Definition): Layout {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', ranksep: RANK_GAP, nodesep: 40 });
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode(START, { width: CARD_WIDTH, height: CARD_HEIGHT });
  for (const block of definition.blocks) {
    graph.setNode(block.id, { width: BLOCK_WIDTH, height: blockHeight(block) });
  }
  for (const edge of edges(definition)) {
    graph.setEdge(edge.source, edge.target, { weight: edge.path === 'else' ? 1 : 2 }, edge.id);
  }
  dagre.layout(graph);
  const layout: Record<string, readonly [number, number]> = {};
  for (const id of graph.nodes()) {
    const { x, y, width, height } = graph.node(id);
    layout[id] = snap([x - width / 2, y - height / 2]);
  }
  const [x, y] = layout[START] ?? [0, 0];
  // The cards belong together: what stops a journey stands beside what starts it.
  layout[STOPS] = snap([x + CARD_WIDTH + 2 * GRID, y]);
  return layout;
}

/** The stored positions, completed where blocks have none (a file from elsewhere, an older draft). */
export function placed(definition: Definition, stored: Layout | null | undefined): Layout {
  const ids = [START, STOPS, ...definition.blocks.map((block) => block.id)];
  if (stored && ids.every((id) => stored[id])) return stored;
  const found = autoLayout(definition);
  const missing = definition.blocks.filter((block) => !stored?.[block.id]).length;
  if (!stored || missing > definition.blocks.length / 2) return found;
  return Object.fromEntries(ids.map((id) => [id, stored[id] ?? found[id] ?? [0, 0]]));
}
