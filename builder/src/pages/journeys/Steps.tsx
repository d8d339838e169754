import { Badge, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { blockType } from '@/canvas/blocks/registry';
import type { Block } from '@/canvas/model/types';
import { blockWords } from '@/canvas/words/blocks';
import { When } from '@/shared/When';
import classes from './Path.module.css';
import { type Step, tookWords } from './path';
import { outcomeWords } from './words';

interface Props<One extends Step> {
  steps: readonly One[];
  blocks: ReadonlyMap<string, Block>;
  zone: string;
  /** What else there is to say of a step: its messages, an assumption. */
  more?: (step: One) => ReactNode;
}

/** A way as a list: each block with when it was entered and left, and how. */
export function Steps<One extends Step>({ steps, blocks, zone, more }: Props<One>) {
  return (
    <ol className={classes.steps} aria-label="Steps">
      {steps.map((step, index) => {
        const block = blocks.get(step.block);
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a step has no name but its place
            key={index}
            className={classes.step}
            data-block={step.block}
          >
            <span className={classes.place} aria-hidden>
              {index + 1}
            </span>
            <Group gap={6} justify="space-between" wrap="nowrap">
              <Text size="sm" fw={600} truncate>
                {block ? blockType(block.kind).label : step.block}
              </Text>
              <Badge size="sm" variant="light" color={step.left_at === null ? 'blue' : 'gray'}>
                {outcomeWords(step.outcome)}
              </Badge>
            </Group>
            {block && (
              <Text size="sm" lineClamp={2}>
                {blockWords(block)}
              </Text>
            )}
            <Text size="xs" c="dimmed">
              <When at={step.entered_at} zone={zone} seconds />
              {step.left_at !== null && <Left step={step} left={step.left_at} zone={zone} />}
            </Text>
            {more?.(step)}
          </li>
        );
      })}
    </ol>
  );
}

function Left({ step, left, zone }: { step: Step; left: string; zone: string }) {
  const took = tookWords(step.entered_at, left);
  if (took === 'at once') return ', at once';
  return (
    <>
      {' – '}
      <When at={left} zone={zone} seconds /> ({took})
    </>
  );
}
