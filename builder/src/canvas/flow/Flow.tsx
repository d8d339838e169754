import '@xyflow/react/dist/base.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  Background,
  type Connection,
  ConnectionMode,
  type FinalConnectionState,
  type Edge as FlowEdge,
  MiniMap,
  type NodeMouseHandler,
  type OnNodeDrag,
  type OnReconnect,
  type OnSelectionChangeFunc,
  ReactFlow,
  useReactFlow,
} from '@xyflow/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { blockType } from '../blocks/registry';
import { GRID } from '../model/edits';
import type { Drawing } from '../model/types';
import { BlockNode } from './BlockNode';
import { StartCard, StopsCard } from './Cards';
import classes from './Flow.module.css';
import { viewportFor } from './fit';
import { InsertEdge } from './InsertEdge';
import { type CanvasNode, type Extras, NO_EXTRAS, toEdges, toNodes } from './nodes';

const NODE_TYPES = { block: BlockNode, start: StartCard, stops: StopsCard };
const EDGE_TYPES = { smoothstep: InsertEdge };
const SNAP: [number, number] = [GRID, GRID];
const ADD_KEYS = ['Shift', 'Meta', 'Control'];

export interface FlowEdits {
  onConnect: (connection: Connection) => void;
  onConnectEnd: (event: MouseEvent | TouchEvent, state: FinalConnectionState) => void;
  onReconnect: OnReconnect<FlowEdge>;
  isValidConnection: (connection: Connection | FlowEdge) => boolean;
  onNodeDrag: OnNodeDrag<CanvasNode>;
  onNodeDragStop: OnNodeDrag<CanvasNode>;
}

interface Props {
  drawing: Drawing;
  extras?: Extras;
  /** Left out, the drawing can only be looked at. */
  edits?: FlowEdits | undefined;
  onSelectionChange?: OnSelectionChangeFunc<CanvasNode, FlowEdge>;
  onNodeClick?: NodeMouseHandler<CanvasNode>;
  onPaneClick?: () => void;
  minimap?: boolean;
  children?: ReactNode;
}

/**
 * The drawing on the screen. React Flow holds the nodes while the mouse moves them, so that no
 * component above renders for each frame; a change of the drawing is handed down as a whole.
 */
export function Flow({ drawing, extras = NO_EXTRAS, edits, minimap = true, ...props }: Props) {
  const flow = useReactFlow<CanvasNode>();
  const scheme = useComputedColorScheme('light');
  const [first] = useState(() => ({
    nodes: toNodes(drawing, extras, []),
    edges: toEdges(drawing, extras, []),
  }));
  useEffect(() => {
    flow.setNodes((current) => toNodes(drawing, extras, current));
    flow.setEdges((current) => toEdges(drawing, extras, current));
  }, [flow, drawing, extras]);
  const frame = useRef<HTMLDivElement>(null);
  const fit = (): void => {
    const { clientWidth = 0, clientHeight = 0 } = frame.current ?? {};
    void flow.setViewport(viewportFor(drawing, clientWidth, clientHeight));
  };
  const editable = edits !== undefined;
  return (
    <ReactFlow<CanvasNode>
      className={classes.flow ?? ''}
      defaultNodes={first.nodes}
      defaultEdges={first.edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      colorMode={scheme}
      ref={frame}
      onInit={fit}
      minZoom={0.1}
      maxZoom={2}
      snapToGrid
      snapGrid={SNAP}
      connectionMode={ConnectionMode.Strict}
      connectionRadius={30}
      deleteKeyCode={null}
      multiSelectionKeyCode={ADD_KEYS}
      disableKeyboardA11y
      nodesDraggable={editable}
      nodesConnectable={editable}
      edgesReconnectable={editable}
      edgesFocusable={editable}
      zoomOnDoubleClick={false}
      onSelectionEnd={forgetText}
      {...edits}
      {...(props.onSelectionChange && { onSelectionChange: props.onSelectionChange })}
      {...(props.onNodeClick && { onNodeClick: props.onNodeClick })}
      {...(props.onPaneClick && { onPaneClick: props.onPaneClick })}
    >
      <Background gap={GRID} />
      {minimap && (
        <MiniMap<CanvasNode>
          className={classes.minimap ?? ''}
          pannable
          zoomable
          nodeColor={minimapColour}
          ariaLabel="Map of the whole workflow"
        />
      )}
      {props.children}
    </ReactFlow>
  );
}

/** Shift marks text on its way, too; a copy would then be of that and not of the blocks. */
function forgetText(): void {
  window.getSelection()?.removeAllRanges();
}

function minimapColour(node: CanvasNode): string {
  if (node.type === 'start') return 'var(--mantine-primary-color-filled)';
  if (node.type === 'stops') return 'var(--mantine-color-red-filled)';
  return `var(--mantine-color-${blockType(node.data.block.kind).tone}-filled)`;
}
