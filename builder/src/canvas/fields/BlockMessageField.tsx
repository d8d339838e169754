/** A message of this workflow, and what is to become of it. */
import { Select, Stack, TextInput } from '@mantine/core';
import { useDrawing } from '../editor/context';
import { SENDING } from '../model/graph';
import type { BlockOf } from '../model/types';
import { blockWords } from '../words/blocks';

type Waited = NonNullable<BlockOf<'wait_for'>['message']>;

const STATES = [
  { value: 'delivered', label: 'is delivered' },
  { value: 'opened', label: 'is opened' },
  { value: 'clicked', label: 'is clicked' },
] as const;

interface Props {
  value: Waited;
  onChange: (value: Waited) => void;
  error: (field: string) => string | undefined;
}

export function BlockMessageField({ value, onChange, error }: Props) {
  const { blocks } = useDrawing().definition;
  const senders = blocks
    .filter((block) => SENDING.has(block.kind))
    .map((block) => ({ value: block.id, label: `${block.id}: ${blockWords(block)}` }));
  return (
    <Stack gap="md">
      <Select
        label="The message of"
        data={senders}
        value={value.block || null}
        searchable
        placeholder={senders.length === 0 ? 'No block sends anything yet' : 'Choose a block'}
        error={error('message.block')}
        onChange={(block) => onChange({ ...value, block: block ?? '' })}
      />
      <Select
        label="What becomes of it"
        data={[...STATES]}
        value={value.state}
        allowDeselect={false}
        error={error('message.state')}
        onChange={(chosen) => {
          const state = STATES.find((one) => one.value === chosen)?.value;
          if (!state) return;
          // Only a click has a link.
          const { link, ...rest } = value;
          onChange({ ...rest, state, ...(state === 'clicked' && link && { link }) });
        }}
      />
      {value.state === 'clicked' && (
        <TextInput
          label="Link"
          placeholder="Any"
          description="As it is in the template; none: any link"
          value={value.link ?? ''}
          error={error('message.link')}
          onChange={(event) => {
            const { link: _, ...rest } = value;
            const typed = event.currentTarget.value.trim();
            onChange(typed ? { ...rest, link: typed } : rest);
          }}
        />
      )}
    </Stack>
  );
}
