/** What all blocks that send have in common: the topic, whether it is owed, and the hours. */
import { Stack, Switch } from '@mantine/core';
import { TopicField } from '../fields/choices';
import { HoursFields } from '../fields/hours';
import type { BlockOf } from '../model/types';
import { without } from './types';

type Sending = Pick<BlockOf<'message'>, 'topic' | 'transactional' | 'allowed_hours'>;

interface Props<Block extends Sending> {
  block: Block;
  onChange: (block: Block, field: string) => void;
  error: (field: string) => string | undefined;
}

export function SendingOptions<Block extends Sending>({ block, onChange, error }: Props<Block>) {
  return (
    <Stack gap="md">
      <TopicField
        label="Topic"
        description="Whoever unsubscribed from it is passed over."
        value={block.topic ?? ''}
        error={error('topic')}
        onChange={(topic) =>
          onChange(topic ? { ...block, topic } : without(block, 'topic'), 'topic')
        }
      />
      <Switch
        label="Owed to the contact, like a receipt"
        description="Sent even to those who unsubscribed, above every cap, and outside of the workspace’s hours."
        checked={block.transactional ?? false}
        error={error('transactional')}
        onChange={(event) => {
          const owed = event.currentTarget.checked;
          onChange(
            owed ? { ...block, transactional: true } : without(block, 'transactional'),
            'transactional',
          );
        }}
      />
      <HoursFields
        value={block.allowed_hours}
        error={error('allowed_hours')}
        onChange={(hours) =>
          onChange(
            hours ? { ...block, allowed_hours: hours } : without(block, 'allowed_hours'),
            'allowed_hours',
          )
        }
      />
    </Stack>
  );
}
