import { ReactFlowProvider } from '@xyflow/react';
import { Toolbar } from '../editor/Toolbar';
import type { Drawing } from '../model/types';
import { Flow } from './Flow';
import type { Extras } from './nodes';
import classes from './ReadCanvas.module.css';

interface Props {
  drawing: Drawing;
  extras?: Extras;
  /** A block was clicked. */
  onBlock?: (id: string) => void;
}

/** A drawing to look at: a version, or what is going on in it. */
export function ReadCanvas({ drawing, extras, onBlock }: Props) {
  return (
    <ReactFlowProvider>
      <div className={classes.canvas}>
        <Flow
          drawing={drawing}
          {...(extras && { extras })}
          {...(onBlock && { onNodeClick: (_: unknown, node: { id: string }) => onBlock(node.id) })}
        >
          <Toolbar />
        </Flow>
      </div>
    </ReactFlowProvider>
  );
}
