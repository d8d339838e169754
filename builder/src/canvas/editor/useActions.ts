import { type Edge as FlowEdge, useReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import { type At, edgeAt } from '../flow/hit';
import { type CanvasNode, NO_EXTRAS, toNodes } from '../flow/nodes';
import { copyBlocks, paste, readCopied } from '../model/clipboard';
import {
  addBehind,
  addBlock,
  addWhere,
  connect,
  insertOnEdge,
  type Point,
  removeBlocks,
} from '../model/edits';
import { emptyBlock } from '../model/empty';
import { edges } from '../model/graph';
import { autoLayout, BLOCK_WIDTH } from '../model/layout';
import { mainOutput, outputs } from '../model/outputs';
import { type BlockKind, type Drawing, START, STOPS } from '../model/types';
import type { Gap } from './BlockMenu';
import { useEditor } from './context';

const CARDS: ReadonlySet<string> = new Set([START, STOPS]);

/** All that a person can do to the drawing, for buttons, keys and the mouse alike. */
export function useActions() {
  const editor = useEditor();
  const flow = useReactFlow<CanvasNode>();
  return useMemo(() => {
    const selectedIds = (): string[] =>
      flow.getNodes().flatMap((node) => (node.selected ? node.id : []));
    const selectedBlocks = (): Set<string> => new Set(selectedIds().filter((id) => !CARDS.has(id)));
    const selectedEdge = (): FlowEdge | undefined => flow.getEdges().find((edge) => edge.selected);

    const select = (ids: Iterable<string>): void => {
      const wanted = new Set(ids);
      flow.setNodes((current) =>
        toNodes(editor.drawing, marksOf(current), current).map((node) =>
          (node.selected ?? false) === wanted.has(node.id)
            ? node
            : { ...node, selected: wanted.has(node.id) },
        ),
      );
      flow.setEdges((current) =>
        current.map((edge) => (edge.selected ? { ...edge, selected: false } : edge)),
      );
    };

    /** A new block where the mouse let go: into an edge, or free. Answers its id. */
    const dropBlock = (kind: BlockKind, at: At): string => {
      const id = editor.newId(kind);
      const edge = edgeAt(at);
      const { x, y } = flow.screenToFlowPosition(at);
      const spot: Point = [x - BLOCK_WIDTH / 2, y - 30];
      editor.edit((drawing) => {
        const added = addBlock(drawing, emptyBlock(kind, id), spot);
        if (edge !== null) return insertOnEdge(added, edge, id);
        return drawing.definition.blocks.length === 0 ? connect(added, START, 'first', id) : added;
      });
      select([id]);
      return id;
    };

    /** A new block by click or key: into the selected edge, behind the selected block, or at the end. */
    const addKind = (kind: BlockKind): string => {
      const id = editor.newId(kind);
      const block = emptyBlock(kind, id);
      const edge = selectedEdge();
      const [first] = selectedBlocks();
      editor.edit((drawing) => {
        const behind = edge
          ? { source: edge.source, path: edge.sourceHandle ?? 'next' }
          : wayBehind(drawing, first);
        return behind
          ? addBehind(drawing, block, behind.source, behind.path)
          : addBlock(drawing, block, belowAll(drawing));
      });
      select([id]);
      reveal(id);
      return id;
    };

    /** A new block where one was asked for: into an edge, or where a way out was let go. */
    const addInto = (kind: BlockKind, gap: Gap): void => {
      const id = editor.newId(kind);
      const block = emptyBlock(kind, id);
      const { x, y } = flow.screenToFlowPosition(gap.at);
      editor.edit((drawing) => {
        if (!('edge' in gap))
          return addWhere(drawing, block, gap.source, gap.path, [x - BLOCK_WIDTH / 2, y]);
        const edge = edges(drawing.definition).find((one) => one.id === gap.edge);
        return edge ? addBehind(drawing, block, edge.source, edge.path) : drawing;
      });
      select([id]);
    };

    const reveal = (id: string): void => {
      const [x, y] = editor.drawing.layout[id] ?? [0, 0];
      const { zoom } = flow.getViewport();
      void flow.setCenter(x + BLOCK_WIDTH / 2, y + 50, { zoom, duration: 200 });
    };

    const insertPasted = (text: string, at: Point | null, keepOutside = false): boolean => {
      const copied = readCopied(text);
      if (!copied || copied.blocks.length === 0) return false;
      let ids: readonly string[] = [];
      editor.edit((drawing) => {
        const pasted = paste(drawing, copied, { taken: editor.used, at, keepOutside });
        ids = pasted.ids;
        return pasted.drawing;
      });
      select(ids);
      return true;
    };

    return {
      editor,
      selectedIds,
      selectedBlocks,
      select,
      reveal,
      dropBlock,
      addKind,
      addInto,
      insertPasted,
      copied: (): string | null => {
        const ids = selectedBlocks();
        return ids.size > 0 ? copyBlocks(editor.drawing, ids) : null;
      },
      remove: (): void => {
        const ids = selectedBlocks();
        const edge = selectedEdge();
        if (ids.size > 0) editor.edit((drawing) => removeBlocks(drawing, ids));
        else if (edge && edge.source !== START) {
          editor.edit((drawing) =>
            connect(drawing, edge.source, edge.sourceHandle ?? 'next', null),
          );
        }
      },
      duplicate: (): void => {
        insertPasted(copyBlocks(editor.drawing, selectedBlocks()), null, true);
      },
      selectAll: (): void => select(editor.drawing.definition.blocks.map((block) => block.id)),
      layOut: (): void => {
        editor.edit((drawing) => ({ ...drawing, layout: autoLayout(drawing.definition) }));
        requestAnimationFrame(
          () => void flow.fitView({ padding: 0.12, maxZoom: 1, duration: 250 }),
        );
      },
    };
  }, [editor, flow]);
}

export type Actions = ReturnType<typeof useActions>;

/** Marks and numbers as the nodes have them: a selection must not take them away. */
function marksOf(current: readonly CanvasNode[]): typeof NO_EXTRAS {
  const issues = new Map(
    current.flatMap((node) => (node.data.issues ? [[node.id, node.data.issues] as const] : [])),
  );
  return { ...NO_EXTRAS, issues };
}

/** The way out behind which a clicked block goes: an open one of the selected block, or its first. */
function wayBehind(
  drawing: Drawing,
  selected: string | undefined,
): { source: string; path: string } | null {
  const { blocks } = drawing.definition;
  if (blocks.length === 0) return { source: START, path: 'first' };
  const last = selected ?? openEnd(drawing);
  const block = blocks.find((one) => one.id === last);
  if (!block) return null;
  const open = outputs(block).find((way) => way.target === null && !way.optional);
  const way = open ?? mainOutput(block);
  return way ? { source: block.id, path: way.path } : null;
}

/** The lowest block with an open way out. */
function openEnd(drawing: Drawing): string | undefined {
  const top = (id: string): number => drawing.layout[id]?.[1] ?? 0;
  return drawing.definition.blocks
    .filter((block) => outputs(block).some((way) => way.target === null && !way.optional))
    .toSorted((a, b) => top(b.id) - top(a.id))[0]?.id;
}

function belowAll(drawing: Drawing): Point {
  const points = Object.values(drawing.layout);
  const lowest = Math.max(0, ...points.map(([, y]) => y));
  return [points[0]?.[0] ?? 0, lowest + 160];
}
