/** Forms of the blocks that send: message, best of, first reachable. */
import { ActionIcon, Button, Group, SegmentedControl, Stack, TagsInput } from '@mantine/core';
import { IconArrowUp, IconTrash } from '@tabler/icons-react';
import { ChannelField, TemplatesField } from '../fields/choices';
import { TemplateField } from '../fields/TemplateField';
import { SendingOptions } from './sendingOptions';
import { type BlockFormProps, without } from './types';
import { VariantsField } from './variants';

export function MessageForm({ block, onChange, error }: BlockFormProps<'message'>) {
  return (
    <>
      <ChannelField
        value={block.channel}
        error={error('channel')}
        onChange={(channel) =>
          onChange({ ...without(block, 'variants', 'weight'), channel, template: '' }, 'channel')
        }
      />
      <TemplateField
        label="Template"
        channel={block.channel}
        value={block.template}
        error={error('template')}
        onChange={(template) => onChange({ ...block, template }, 'template')}
      />
      <VariantsField block={block} onChange={onChange} error={error} />
      <SendingOptions block={block} onChange={onChange} error={error} />
    </>
  );
}

export function BestOfForm({ block, onChange, error }: BlockFormProps<'best_of'>) {
  const byTags =
    (block.tags?.length ?? 0) > 0 || (block.tags !== undefined && !block.templates?.length);
  return (
    <>
      <ChannelField
        value={block.channel}
        error={error('channel')}
        onChange={(channel) =>
          onChange({ ...block, channel, ...(byTags ? {} : { templates: [] }) }, 'channel')
        }
      />
      <SegmentedControl
        aria-label="What to choose from"
        data={[
          { value: 'templates', label: 'These templates' },
          { value: 'tags', label: 'All with a tag' },
        ]}
        value={byTags ? 'tags' : 'templates'}
        onChange={(chosen) =>
          onChange(
            chosen === 'tags'
              ? { ...without(block, 'templates'), tags: [] }
              : { ...without(block, 'tags'), templates: [] },
            'what',
          )
        }
      />
      {byTags ? (
        <TagsInput
          label="Tags"
          value={[...(block.tags ?? [])]}
          error={error('tags')}
          acceptValueOnBlur
          onChange={(tags) => onChange({ ...block, tags }, 'tags')}
        />
      ) : (
        <TemplatesField
          label="Templates"
          channel={block.channel}
          value={block.templates ?? []}
          error={error('templates')}
          onChange={(templates) => onChange({ ...block, templates }, 'templates')}
        />
      )}
      <SendingOptions block={block} onChange={onChange} error={error} />
    </>
  );
}

type Choice = BlockFormProps<'first_reachable'>['block']['channels'][number];

export function FirstReachableForm({ block, onChange, error }: BlockFormProps<'first_reachable'>) {
  const { channels } = block;
  const save = (next: Choice[], field: string): void =>
    onChange({ ...block, channels: next }, field);
  const set = (index: number, choice: Choice): void =>
    save(
      channels.map((one, at) => (at === index ? choice : one)),
      `channels ${index}`,
    );
  const up = (index: number): void => {
    const next = [...channels];
    const [moved] = next.splice(index, 1);
    if (moved) next.splice(index - 1, 0, moved);
    save(next, 'order');
  };
  return (
    <Stack gap="md">
      {channels.map((choice, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: choices have no name but their place
        <Stack key={index} gap={6}>
          <Group gap={4} align="flex-end" wrap="nowrap">
            <div style={{ flex: 1 }}>
              <ChannelField
                value={choice.channel}
                error={error(`channels[${index}].channel`)}
                onChange={(channel) => set(index, { channel, template: '' })}
              />
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              mb={4}
              aria-label="Try this one earlier"
              disabled={index === 0}
              onClick={() => up(index)}
            >
              <IconArrowUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              mb={4}
              aria-label="Remove this channel"
              disabled={channels.length === 1}
              onClick={() =>
                save(
                  channels.filter((_, at) => at !== index),
                  'order',
                )
              }
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
          <TemplateField
            label="Template"
            channel={choice.channel}
            value={choice.template}
            error={error(`channels[${index}].template`)}
            onChange={(template) => set(index, { ...choice, template })}
          />
        </Stack>
      ))}
      <Button
        variant="light"
        size="xs"
        onClick={() => save([...channels, { channel: 'sms', template: '' }], 'order')}
      >
        Add a channel
      </Button>
      <SendingOptions block={block} onChange={onChange} error={error} />
    </Stack>
  );
}
