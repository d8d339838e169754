import { Text } from '@mantine/core';
import type { CSSProperties } from 'react';
import { blockType } from '@/canvas/blocks/registry';
import type { Definition } from '@/canvas/model/types';
import { blockWords } from '@/canvas/words/blocks';
import { percent, type Stage, stages } from './funnel';
import classes from './Live.module.css';
import type { Stats } from './queries';

/** How far those came who began, block by block. */
export function Funnel({ definition, stats }: { definition: Definition; stats: Stats }) {
  const began = stats.totals.started;
  return (
    <ul className={classes.funnel} aria-label="Funnel">
      <li className={classes.stage}>
        <Text size="sm" fw={600}>
          Began
        </Text>
        <Bar share={began > 0 ? 1 : 0} tone="primary" words={began.toLocaleString()} />
      </li>
      {stages(definition, stats).map((stage) => (
        <Row key={stage.block.id} stage={stage} began={began} />
      ))}
    </ul>
  );
}

function Row({ stage, began }: { stage: Stage; began: number }) {
  const { block, entered, share, sent, opened, clicked } = stage;
  const type = blockType(block.kind);
  return (
    <li className={classes.stage} data-block={block.id}>
      <div>
        <Text size="sm" fw={600} truncate>
          {type.label}{' '}
          <Text span size="xs" c="dimmed">
            {block.id}
          </Text>
        </Text>
        <Text size="xs" c="dimmed" truncate title={blockWords(block)}>
          {blockWords(block)}
        </Text>
      </div>
      <Bar
        share={share}
        tone={type.tone}
        words={`${entered.toLocaleString()} · ${percent(entered, began)}`}
      />
      {sent > 0 && (
        <Text size="xs" className={classes.rates ?? ''}>
          {sent.toLocaleString()} sent, {percent(opened, sent)} opened, {percent(clicked, sent)}{' '}
          clicked
        </Text>
      )}
    </li>
  );
}

function Bar({ share, tone, words }: { share: number; tone: string; words: string }) {
  const colour = tone === 'primary' ? 'primary-color-filled' : `color-${tone}-filled`;
  return (
    <div className={classes.bar} style={{ '--tone': `var(--mantine-${colour})` } as CSSProperties}>
      {share > 0 && <div className={classes.fill} style={{ width: `${share * 100}%` }} />}
      <span className={classes.count}>{words}</span>
    </div>
  );
}
