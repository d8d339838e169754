/** Fields that choose from what the workspace has, and still take what is not there yet. */
import { Select, TagsInput } from '@mantine/core';
import { channelWords } from '@/predicates/words';
import type { Channel } from '../model/types';
import { usePools, useSegments, useTemplates, useTopics } from './data';

export interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  description?: string;
}

const CHANNELS: readonly Channel[] = [
  'email',
  'push',
  'in_app',
  'inbox',
  'sms',
  'web_push',
  'webhook',
];

export function ChannelField({
  value,
  onChange,
  error,
}: {
  value: Channel;
  onChange: (value: Channel) => void;
  error?: string | undefined;
}) {
  return (
    <Select
      label="Channel"
      data={CHANNELS.map((channel) => ({ value: channel, label: channelWords(channel) }))}
      value={value}
      allowDeselect={false}
      error={error}
      onChange={(chosen) => {
        const channel = CHANNELS.find((one) => one === chosen);
        if (channel) onChange(channel);
      }}
    />
  );
}

/** Keeps a value that is not (or no longer) among the choices choosable. */
export const withValue = (keys: readonly string[], value: string): string[] =>
  value === '' || keys.includes(value) ? [...keys] : [value, ...keys];

export function TemplatesField({
  channel,
  label,
  value,
  onChange,
  error,
}: {
  channel: Channel;
  label: string;
  value: readonly string[];
  onChange: (value: string[]) => void;
  error?: string | undefined;
}) {
  const { data } = useTemplates();
  const keys = (data ?? []).filter((one) => one.channel === channel).map((one) => one.key);
  return (
    <TagsInput
      label={label}
      data={keys}
      value={[...value]}
      onChange={onChange}
      error={error}
      placeholder="Choose templates"
    />
  );
}

export function SegmentField({ value, onChange, ...props }: FieldProps) {
  const { data, isPending } = useSegments();
  const names = new Map((data ?? []).map((segment) => [segment.key, segment.name]));
  return (
    <Select
      {...props}
      data={withValue([...names.keys()], value).map((key) => ({
        value: key,
        label: names.get(key) ?? key,
      }))}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      searchable
      placeholder={isPending ? 'Loading…' : 'Choose a segment'}
      nothingFoundMessage="No segment of this name"
    />
  );
}

/** Lists that contacts are put on: segments without a predicate. */
export function ListsField({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: readonly string[];
  onChange: (value: string[]) => void;
  error?: string | undefined;
}) {
  const { data } = useSegments();
  const lists = (data ?? [])
    .filter((segment) => segment.where == null)
    .map((segment) => segment.key);
  return (
    <TagsInput label={label} data={lists} value={[...value]} onChange={onChange} error={error} />
  );
}

export function PoolField({ value, onChange, ...props }: FieldProps) {
  const { data } = usePools();
  const keys = (data ?? []).map((pool) => pool.key);
  return (
    <Select
      {...props}
      data={withValue(keys, value)}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      searchable
      placeholder="Choose a pool"
      nothingFoundMessage="No pool of this name"
    />
  );
}

export function TopicField({ value, onChange, ...props }: FieldProps) {
  const { data } = useTopics();
  const names = new Map((data ?? []).map((topic) => [topic.key, topic.name]));
  return (
    <Select
      {...props}
      data={withValue([...names.keys()], value).map((key) => ({
        value: key,
        label: names.get(key) ?? key,
      }))}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'No topic' }}
      placeholder="None"
      nothingFoundMessage="No topic of this name: make it in the settings"
    />
  );
}
