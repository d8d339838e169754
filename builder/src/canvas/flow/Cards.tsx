import { Text } from '@mantine/core';
import { IconHandStop, IconPlayerPlay } from '@tabler/icons-react';
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { memo } from 'react';
import { reentryWords, startWords, stopWords } from '../words/rules';
import { IssueBadge } from './IssueBadge';
import classes from './Nodes.module.css';
import type { StartNode, StopsNode } from './nodes';

/** What lets a journey begin. */
function StartCardView({ data, selected }: NodeProps<StartNode>) {
  return (
    <div className={classes.card} data-card="start" data-selected={selected || undefined}>
      <div className={classes.head}>
        <span className={classes.icon}>
          <IconPlayerPlay size={15} aria-hidden />
        </span>
        <Text size="xs" fw={600} className={classes.kind ?? ''}>
          Start
        </Text>
        <IssueBadge issues={data.issues} />
      </div>
      <Text size="sm" fw={500} lineClamp={2}>
        {startWords(data.start)}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {reentryWords(data.start)}
      </Text>
      {data.purpose && (
        <Text size="xs" c="dimmed" lineClamp={1}>
          {data.purpose}
        </Text>
      )}
      {data.empty && (
        <Text size="xs" mt={4}>
          Drag a block onto the canvas, or choose one, to begin.
        </Text>
      )}
      <Handle type="source" position={Position.Bottom} id="first" className={classes.out ?? ''} />
    </div>
  );
}

/** What ends a journey before its last block, one line each. */
function StopsCardView({ data, selected }: NodeProps<StopsNode>) {
  return (
    <div className={classes.card} data-card="stops" data-selected={selected || undefined}>
      <div className={classes.head}>
        <span className={classes.icon}>
          <IconHandStop size={15} aria-hidden />
        </span>
        <Text size="xs" fw={600} className={classes.kind ?? ''}>
          Stop
        </Text>
        <IssueBadge issues={data.issues} />
      </div>
      {data.stops.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing stops a journey early.
        </Text>
      ) : (
        <ul className={classes.stops}>
          {data.stops.map((stop, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: stops have no name but their place
            <li key={index}>{stopWords(stop)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

export const StartCard = memo(StartCardView);
export const StopsCard = memo(StopsCardView);
