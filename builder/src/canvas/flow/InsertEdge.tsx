import { BaseEdge, type EdgeProps, getSmoothStepPath } from '@xyflow/react';
import { createContext, memo, useContext } from 'react';
import { corners, pathAlong } from '../model/lanes';
import type { At } from './hit';
import classes from './InsertEdge.module.css';

/** Opens the choice of blocks for an edge; null where the drawing is only looked at. */
export const InsertContext = createContext<((edge: string, at: At) => void) | null>(null);

const RADIUS = 9;
const ARM = 4;

type Drawn = readonly [path: string, labelX: number, labelY: number];

function pathOf(props: EdgeProps): Drawn {
  const lane = props.data?.lane;
  if (typeof lane !== 'number') {
    const [path, x, y] = getSmoothStepPath(props);
    return [path, x, y];
  }
  const { sourceX, sourceY, targetX, targetY } = props;
  const points = corners([sourceX, sourceY], [targetX, targetY], lane);
  return [pathAlong(points), lane, (sourceY + targetY) / 2];
}

/** An edge with a plus in its middle, which puts a block there. */
function InsertEdgeView(props: EdgeProps) {
  const insert = useContext(InsertContext);
  const { id, source, target, label, markerEnd, style, interactionWidth } = props;
  const [path, x, y] = pathOf(props);
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        label={label}
        labelX={x}
        labelY={y}
        {...(markerEnd && { markerEnd })}
        {...(style && { style })}
        {...(interactionWidth !== undefined && { interactionWidth })}
      />
      {insert && (
        // biome-ignore lint/a11y/useSemanticElements: an SVG has no button of its own
        <g
          role="button"
          aria-label={`Insert a block between ${source} and ${target}`}
          // The keyboard comes to the edge itself; Enter there opens the same choice.
          tabIndex={-1}
          className={`${classes.plus} nopan`}
          transform={`translate(${x} ${y})`}
          onClick={(event) => {
            event.stopPropagation();
            insert(id, { x: event.clientX, y: event.clientY });
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.stopPropagation();
            const { left, top } = event.currentTarget.getBoundingClientRect();
            insert(id, { x: left + RADIUS, y: top + RADIUS });
          }}
        >
          <circle r={RADIUS} />
          <path d={`M ${-ARM} 0 H ${ARM} M 0 ${-ARM} V ${ARM}`} />
        </g>
      )}
    </>
  );
}

export const InsertEdge = memo(InsertEdgeView);
