/** The drawing as React Flow wants it. Nodes and edges that did not change stay the same objects. */
import { type Edge as FlowEdge, MarkerType, type Node } from '@xyflow/react';
import { edges } from '../model/graph';
import type { PlacedIssue } from '../model/issues';
import { lanes } from '../model/lanes';
import { BLOCK_WIDTH, blockHeight, CARD_HEIGHT, CARD_WIDTH } from '../model/layout';
import { type Block, type Drawing, START, STOPS, type Start, type Stop } from '../model/types';
import { purposeWords } from '../words/goals';

/** A block in numbers: how many came, are there, and what became of its messages. */
export interface BlockNumbers {
  readonly entered: number;
  readonly waiting?: number;
  readonly sent?: number;
  readonly opened?: number;
  readonly clicked?: number;
  readonly failed?: number;
  readonly skipped?: number;
}

/** What became of one contact, or would, in a block. */
export interface BlockVisit {
  readonly state: 'passed' | 'here' | 'ended' | 'broken';
  /** Which steps of its way they were, counted from one: more than one in a loop. */
  readonly places: readonly number[];
  /** When it came and how it left, a line each visit. */
  readonly lines: readonly string[];
}

export interface Extras {
  readonly issues: ReadonlyMap<string, readonly PlacedIssue[]>;
  readonly numbers: ReadonlyMap<string, BlockNumbers>;
  /** How many went along an edge, by its id. */
  readonly passed: ReadonlyMap<string, number>;
  readonly visits: ReadonlyMap<string, BlockVisit>;
  /** The edges of one contact's way, by their ids. */
  readonly taken: ReadonlySet<string>;
}

export const NO_EXTRAS: Extras = {
  issues: new Map(),
  numbers: new Map(),
  passed: new Map(),
  visits: new Map(),
  taken: new Set(),
};

interface Shared extends Record<string, unknown> {
  readonly issues: readonly PlacedIssue[] | undefined;
}
export interface BlockData extends Shared {
  readonly block: Block;
  readonly numbers: BlockNumbers | undefined;
  readonly visit: BlockVisit | undefined;
}
export interface StartData extends Shared {
  readonly start: Start;
  /** What it is for, and who is held back; empty where nothing is said. */
  readonly purpose: string;
  readonly empty: boolean;
}
export interface StopsData extends Shared {
  readonly stops: readonly Stop[];
}
export type BlockNode = Node<BlockData, 'block'>;
export type StartNode = Node<StartData, 'start'>;
export type StopsNode = Node<StopsData, 'stops'>;
export type CanvasNode = BlockNode | StartNode | StopsNode;

const NONE: readonly Stop[] = [];
const ARROW = { type: MarkerType.ArrowClosed, width: 18, height: 18 };
/** Smaller, because an arrow grows with the width of its line. */
const TAKEN_ARROW = {
  type: MarkerType.ArrowClosed,
  width: 12,
  height: 12,
  color: 'var(--mantine-primary-color-filled)',
};

export function toNodes(
  { definition, layout }: Drawing,
  extras: Extras,
  current: readonly CanvasNode[],
): CanvasNode[] {
  const before = new Map(current.map((node) => [node.id, node]));
  const at = (id: string) => {
    const [x, y] = layout[id] ?? [0, 0];
    return { x, y };
  };
  const nodes: CanvasNode[] = [
    {
      id: START,
      type: 'start',
      position: at(START),
      deletable: false,
      initialWidth: CARD_WIDTH,
      initialHeight: CARD_HEIGHT,
      data: {
        start: definition.start,
        purpose: purposeWords(definition),
        empty: definition.blocks.length === 0,
        issues: extras.issues.get(START),
      },
    },
    {
      id: STOPS,
      type: 'stops',
      position: at(STOPS),
      deletable: false,
      connectable: false,
      initialWidth: CARD_WIDTH,
      initialHeight: CARD_HEIGHT,
      data: { stops: definition.stop ?? NONE, issues: extras.issues.get(STOPS) },
    },
  ];
  for (const block of definition.blocks) {
    nodes.push({
      id: block.id,
      type: 'block',
      position: at(block.id),
      initialWidth: BLOCK_WIDTH,
      initialHeight: blockHeight(block),
      data: {
        block,
        issues: extras.issues.get(block.id),
        numbers: extras.numbers.get(block.id),
        visit: extras.visits.get(block.id),
      },
    });
  }
  return nodes.map((node) => reused(before.get(node.id), node));
}

/** The node as it was if nothing changed, else the new one with what React Flow keeps on it. */
function reused(before: CanvasNode | undefined, node: CanvasNode): CanvasNode {
  if (!before) return node;
  // Under the mouse it is where the mouse has it; the drawing learns of it when it is let go.
  if (before.dragging) return { ...before, data: node.data } as CanvasNode;
  const stays = before.position.x === node.position.x && before.position.y === node.position.y;
  const data = sameData(before.data, node.data) ? before.data : node.data;
  if (stays && data === before.data) return before;
  return { ...before, position: node.position, data } as CanvasNode;
}

function sameData(before: Shared, after: Shared): boolean {
  const keys = Object.keys(after);
  return keys.every((key) => before[key] === after[key]);
}

export function toEdges(
  drawing: Drawing,
  extras: Extras,
  current: readonly FlowEdge[],
): FlowEdge[] {
  const before = new Map(current.map((edge) => [edge.id, edge]));
  const round = lanes(drawing);
  return edges(drawing.definition).map((edge) => {
    const passed = extras.passed.get(edge.id);
    const label = passed === undefined ? undefined : passed.toLocaleString();
    const taken = extras.taken.has(edge.id);
    const className = taken ? 'taken' : '';
    const lane = round.get(edge.id);
    const old = before.get(edge.id);
    const stays = old?.target === edge.target && old.data?.lane === lane;
    if (stays && old.label === label && old.className === className) return old;
    return {
      ...old,
      className,
      data: { lane },
      id: edge.id,
      source: edge.source,
      sourceHandle: edge.path,
      target: edge.target,
      targetHandle: 'in',
      type: 'smoothstep',
      label,
      deletable: edge.path !== 'first',
      markerEnd: taken ? TAKEN_ARROW : ARROW,
    };
  });
}
