import { Text } from '@mantine/core';
import { Handle, type NodeProps, Position, useUpdateNodeInternals } from '@xyflow/react';
import { type CSSProperties, memo, useEffect, useRef } from 'react';
import { blockType } from '../blocks/registry';
import { type Output, outputs } from '../model/outputs';
import { blockWords } from '../words/blocks';
import { IssueBadge } from './IssueBadge';
import classes from './Nodes.module.css';
import { NumbersRow } from './NumbersRow';
import type { BlockNode as BlockNodeType } from './nodes';
import { VisitRow } from './VisitRow';

/** One block: what it is, what it does in words, and its ways out along the lower edge. */
function BlockNodeView({ id, data, selected }: NodeProps<BlockNodeType>) {
  const { block, issues, numbers, visit } = data;
  const type = blockType(block.kind);
  const ways = outputs(block);
  const update = useUpdateNodeInternals();
  const count = ways.length;
  const measured = useRef(count);
  // React Flow measures handles only when a node's size changes; a branch more moves the others.
  // Not when it appears, when React Flow measures all at once anyway: one by one takes seconds.
  useEffect(() => {
    if (measured.current === count) return;
    measured.current = count;
    update(id);
  }, [update, id, count]);
  const words = blockWords(block);
  return (
    <div
      className={classes.block}
      data-kind={block.kind}
      data-selected={selected || undefined}
      data-visit={visit?.state}
      data-broken={issues?.some((issue) => issue.severity === 'error') || undefined}
      style={{ '--tone': `var(--mantine-color-${type.tone}-filled)` } as CSSProperties}
    >
      <Handle type="target" position={Position.Top} id="in" className={classes.in ?? ''} />
      <div className={classes.head}>
        <span className={classes.icon}>
          <type.icon size={15} aria-hidden />
        </span>
        <Text size="xs" fw={600} className={classes.kind ?? ''}>
          {type.label}
        </Text>
        <Text size="xs" c="dimmed" truncate className={classes.id ?? ''}>
          {id}
        </Text>
        <IssueBadge issues={issues} />
      </div>
      <Text size="sm" lineClamp={2} className={classes.words ?? ''} title={words}>
        {words}
      </Text>
      {numbers && <NumbersRow block={id} numbers={numbers} />}
      {visit && <VisitRow visit={visit} />}
      <Ways ways={ways} />
    </div>
  );
}

function Ways({ ways }: { ways: readonly Output[] }) {
  const main = ways.filter((way) => !way.optional);
  const named = main.length > 1;
  return (
    <>
      {named && (
        <div className={classes.ways}>
          {main.map((way) => (
            <span key={way.path}>{way.label}</span>
          ))}
        </div>
      )}
      {main.map((way, index) => (
        <Handle
          key={way.path}
          type="source"
          position={Position.Bottom}
          id={way.path}
          className={classes.out ?? ''}
          data-open={way.target === null || undefined}
          style={{ left: `${((index + 0.5) / main.length) * 100}%` }}
        />
      ))}
      {ways
        .filter((way) => way.optional)
        .map((way) => (
          <Handle
            key={way.path}
            type="source"
            position={Position.Bottom}
            id={way.path}
            className={`${classes.out} ${classes.optional}`}
            data-open={way.target === null || undefined}
            style={{ left: '84%' }}
          >
            <span className={classes.optionalLabel}>{way.label}</span>
          </Handle>
        ))}
    </>
  );
}

export const BlockNode = memo(BlockNodeView);
