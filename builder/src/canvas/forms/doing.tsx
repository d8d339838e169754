/** Forms of the blocks that do something: update, emit, promo, exit. */
import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useEventDetail, useFields } from '@/api/catalogue';
import { typed } from '../fields/ChecksField';
import { ListsField, PoolField } from '../fields/choices';
import { ContactFields, EventField } from '../fields/names';
import type { BlockOf } from '../model/types';
import { type BlockFormProps, without } from './types';

export function ExitForm({ block, onChange, error }: BlockFormProps<'exit'>) {
  return (
    <TextInput
      label="Reason"
      description="Shown where a journey ended here; may be left out"
      value={block.reason ?? ''}
      maxLength={200}
      error={error('reason')}
      onChange={(event) => {
        const reason = event.currentTarget.value;
        onChange(reason ? { ...block, reason } : without(block, 'reason'), 'reason');
      }}
    />
  );
}

export function PromoForm({ block, onChange, error }: BlockFormProps<'promo'>) {
  return (
    <>
      <PoolField
        label="Pool of codes"
        value={block.pool}
        error={error('pool')}
        onChange={(pool) => onChange({ ...block, pool }, 'pool')}
      />
      <TextInput
        label="Name of the code in templates"
        description={`Templates print it with {{ journey.${block.as || 'promo_code'} }}`}
        value={block.as}
        error={error('as')}
        onChange={(event) => onChange({ ...block, as: event.currentTarget.value }, 'as')}
      />
    </>
  );
}

export function EmitForm({ block, onChange, error }: BlockFormProps<'emit'>) {
  const properties = Object.entries(block.properties ?? {});
  const known = (useEventDetail(block.event).data?.properties ?? []).map((one) => one.name);
  return (
    <>
      <EventField
        label="Event"
        value={block.event}
        error={error('event')}
        onChange={(event) => onChange({ ...block, event }, 'event')}
      />
      <Pairs
        label="Properties"
        add="Add a property"
        names={known}
        pairs={properties.map(([name, value]) => [name, textOf(value)])}
        error={error('properties')}
        onChange={(pairs) =>
          onChange(
            {
              ...block,
              properties: Object.fromEntries(
                pairs.map(([name, text]) => [name, readValue(text, block.properties?.[name])]),
              ),
            },
            'properties',
          )
        }
      />
    </>
  );
}

/** `{param: name}` is written as `{name}`; what is no plain value is written as JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isParam(value)) return `{${value.param}}`;
  return JSON.stringify(value);
}

function readValue(text: string, before: unknown): unknown {
  if (before !== undefined && textOf(before) === text) return before;
  const param = /^\{([^{}"]+)\}$/.exec(text);
  return param ? { param: param[1] } : typed(text);
}

const isParam = (value: unknown): value is { param: string } =>
  typeof value === 'object' &&
  value !== null &&
  'param' in value &&
  typeof value.param === 'string';

const HOW = [
  { value: 'set', label: 'set to' },
  { value: '+', label: 'add' },
  { value: '-', label: 'take away' },
] as const;
type Change = NonNullable<BlockOf<'update'>['set']>[string];

export function UpdateForm({ block, onChange, error }: BlockFormProps<'update'>) {
  const changes = Object.entries(block.set ?? {});
  const fields = (useFields().data ?? []).map((one) => one.name);
  const save = (next: [string, Change][]): void =>
    onChange({ ...block, set: Object.fromEntries(next) }, 'set');
  const replace = (index: number, pair: [string, Change]): void =>
    save(changes.map((one, at) => (at === index ? pair : one)));
  return (
    <>
      <Stack gap="xs">
        {changes.map(([field, change], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the field's name is what is edited
          <Group key={index} gap={4} wrap="nowrap" align="flex-start">
            <Autocomplete
              aria-label="Field"
              placeholder="field"
              data={fields}
              limit={50}
              value={field}
              flex={1}
              onChange={(name) => replace(index, [name, change])}
            />
            <Select
              aria-label="How"
              data={[...HOW]}
              value={howOf(change)}
              allowDeselect={false}
              w={104}
              onChange={(how) => replace(index, [field, changed(how ?? 'set', operand(change))])}
            />
            <TextInput
              aria-label="Value"
              value={textOf(operand(change))}
              flex={1}
              onChange={(event) =>
                replace(index, [
                  field,
                  changed(howOf(change), readValue(event.currentTarget.value, operand(change))),
                ])
              }
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={4}
              aria-label={`Leave ${field || 'this field'} as it is`}
              onClick={() => save(changes.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {error('set') && (
          <Text size="xs" c="red">
            {error('set')}
          </Text>
        )}
        <Button
          variant="light"
          size="xs"
          disabled={changes.some(([field]) => field === '')}
          onClick={() => save([...changes, ['', '']])}
        >
          Change a field
        </Button>
        <Text size="xs" c="dimmed">
          {'{name} takes the property “name” of the starting event.'}
        </Text>
      </Stack>
      <ContactFields
        label="Clear these fields"
        value={block.unset ?? []}
        error={error('unset')}
        onChange={(unset) => onChange({ ...block, unset }, 'unset')}
      />
      <ListsField
        label="Put on lists"
        value={block.add_to ?? []}
        error={error('add_to')}
        onChange={(add) => onChange({ ...block, add_to: add }, 'add_to')}
      />
      <ListsField
        label="Take off lists"
        value={block.remove_from ?? []}
        error={error('remove_from')}
        onChange={(remove) => onChange({ ...block, remove_from: remove }, 'remove_from')}
      />
    </>
  );
}

function howOf(change: Change): string {
  if (typeof change === 'object' && change !== null && !Array.isArray(change)) {
    if ('+' in change) return '+';
    if ('-' in change) return '-';
  }
  return 'set';
}

function operand(change: Change): unknown {
  if (typeof change === 'object' && change !== null && !Array.isArray(change)) {
    if ('+' in change) return change['+'];
    if ('-' in change) return change['-'];
  }
  return change;
}

function changed(how: string, value: unknown): Change {
  if (how === 'set') return value as Change;
  const amount = typeof value === 'number' || isParam(value) ? value : Number(value) || 0;
  return how === '+' ? { '+': amount } : { '-': amount };
}

function Pairs({
  label,
  add,
  names,
  pairs,
  error,
  onChange,
}: {
  label: string;
  add: string;
  /** Names to propose. */
  names: string[];
  pairs: [string, string][];
  error: string | undefined;
  onChange: (pairs: [string, string][]) => void;
}) {
  const replace = (index: number, pair: [string, string]): void =>
    onChange(pairs.map((one, at) => (at === index ? pair : one)));
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {label}
      </Text>
      {pairs.map(([name, text], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is edited
        <Group key={index} gap={4} wrap="nowrap">
          <Autocomplete
            aria-label="Name"
            placeholder="name"
            data={names}
            value={name}
            flex={1}
            onChange={(next) => replace(index, [next, text])}
          />
          <TextInput
            aria-label="Value"
            placeholder="value, or {property}"
            value={text}
            flex={1}
            onChange={(event) => replace(index, [name, event.currentTarget.value])}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove ${name || 'this'}`}
            onClick={() => onChange(pairs.filter((_, at) => at !== index))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error && (
        <Text size="xs" c="red">
          {error}
        </Text>
      )}
      <Button
        variant="light"
        size="xs"
        disabled={pairs.some(([name]) => name === '')}
        onClick={() => onChange([...pairs, ['', '']])}
      >
        {add}
      </Button>
    </Stack>
  );
}
