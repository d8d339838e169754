import { useReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import type { FlowEdits } from '../flow/Flow';
import { edgeAt, markEdge, nodeAt, overCanvas, pointOf } from '../flow/hit';
import type { CanvasNode } from '../flow/nodes';
import { connect, insertOnEdge, moveBlocks, type Point } from '../model/edits';
import { edges, mayConnect } from '../model/graph';
import { mainOutput } from '../model/outputs';
import { type Drawing, START, STOPS } from '../model/types';
import type { Gap } from './BlockMenu';
import { useEditor } from './context';

/** What the mouse does on the canvas: connecting, leading edges elsewhere, moving, dropping on edges. */
export function useFlowEdits(onGap: (gap: Gap) => void): FlowEdits {
  const editor = useEditor();
  const flow = useReactFlow<CanvasNode>();
  return useMemo(() => {
    const join = (source: string, path: string | null, target: string): void =>
      editor.edit((drawing) =>
        path !== null && mayConnect(drawing.definition, source, target)
          ? connect(drawing, source, path, target)
          : drawing,
      );
    /** The edge that a single block without edges would be put into. */
    const edgeUnder = (moved: readonly CanvasNode[], event: MouseEvent | TouchEvent) => {
      const [only, more] = moved;
      if (!only || more || !isLoose(editor.drawing, only.id)) return null;
      return edgeAt(pointOf(event));
    };
    return {
      onConnect: ({ source, sourceHandle, target }) => join(source, sourceHandle, target),
      onConnectEnd: (event, state) => {
        // Let go over a block, but beside its handle: what was meant is clear.
        if (state.isValid || !state.fromNode || state.fromHandle?.type !== 'source') return;
        const at = pointOf(event);
        const source = state.fromNode.id;
        const path = state.fromHandle.id ?? null;
        const target = nodeAt(at);
        if (target !== null) join(source, path, target);
        else if (path !== null && overCanvas(at)) onGap({ source, path, at });
      },
      onReconnect: (before, { source, sourceHandle, target }) => {
        editor.edit((drawing) => {
          const path = before.sourceHandle ?? 'next';
          const moved = source !== before.source || sourceHandle !== path;
          if (sourceHandle === null || !mayConnect(drawing.definition, source, target))
            return drawing;
          const freed = moved ? connect(drawing, before.source, path, null) : drawing;
          return connect(freed, source, sourceHandle, target);
        });
      },
      isValidConnection: ({ source, target }) =>
        mayConnect(editor.drawing.definition, source, target),
      onNodeDrag: (event, _, moved) => markEdge(edgeUnder(moved, pointerOf(event))),
      onNodeDragStop: (event, _, moved) => {
        const edge = edgeUnder(moved, pointerOf(event));
        markEdge(null);
        const points: Record<string, Point> = {};
        for (const node of moved) points[node.id] = [node.position.x, node.position.y];
        if (points[START] && !points[STOPS] && flow.getNode(STOPS))
          Object.assign(points, beside(editor.drawing, points[START]));
        editor.edit((drawing) => {
          const there = moveBlocks(drawing, points);
          const [only] = moved;
          return edge !== null && only ? insertOnEdge(there, edge, only.id) : there;
        });
      },
    } satisfies FlowEdits;
  }, [editor, flow, onGap]);
}

const pointerOf = (event: React.MouseEvent | MouseEvent | TouchEvent): MouseEvent | TouchEvent =>
  'nativeEvent' in event ? event.nativeEvent : event;

/** The stop card goes with the start card. */
function beside(drawing: Drawing, [x, y]: Point): Record<string, Point> {
  const [startX, startY] = drawing.layout[START] ?? [0, 0];
  const [stopsX, stopsY] = drawing.layout[STOPS] ?? [0, 0];
  return { [STOPS]: [stopsX + x - startX, stopsY + y - startY] };
}

/** Nothing leads to it but the start, and its way out is free: it may be put into an edge. */
function isLoose(drawing: Drawing, id: string): boolean {
  const block = drawing.definition.blocks.find((one) => one.id === id);
  const way = block && mainOutput(block);
  return way?.target === null && !edges(drawing.definition).some((edge) => edge.target === id);
}
