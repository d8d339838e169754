import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { OP_WORDS } from '@/predicates/words';
import type { ParamCheck } from '../model/types';

type Op = NonNullable<ParamCheck['op']>;
const OPS = Object.entries(OP_WORDS).map(([value, label]) => ({ value, label }));
const NO_VALUE: ReadonlySet<string> = new Set(['exists', 'missing']);
const MANY: ReadonlySet<string> = new Set(['in', 'not_in']);

interface Props {
  label: string;
  value: readonly ParamCheck[] | undefined;
  onChange: (value: ParamCheck[]) => void;
  error?: string | undefined;
}

/** The filter of an event: properties that must all fit. */
export function ChecksField({ label, value, onChange, error }: Props) {
  const checks = value ?? [];
  const set = (index: number, check: ParamCheck): void =>
    onChange(checks.map((one, at) => (at === index ? check : one)));
  return (
    <Stack gap={6}>
      {checks.length > 0 && (
        <Text size="sm" fw={500}>
          {label}
        </Text>
      )}
      {checks.map((check, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: checks have no name but their place
        <Group key={index} gap={6} wrap="nowrap" align="flex-start">
          <Stack gap={4} flex={1}>
            <Autocomplete
              aria-label="Property"
              placeholder="property"
              value={check.param}
              onChange={(param) => set(index, { ...check, param })}
            />
            <Select
              aria-label="Comparison"
              data={OPS}
              value={check.op ?? '='}
              allowDeselect={false}
              onChange={(op) => set(index, withOp(check, (op ?? '=') as Op))}
            />
            <ValueField check={check} onChange={(changed) => set(index, changed)} />
          </Stack>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Remove this filter"
            onClick={() => onChange(checks.filter((_, at) => at !== index))}
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
        variant="subtle"
        size="compact-sm"
        style={{ alignSelf: 'flex-start' }}
        onClick={() => onChange([...checks, { param: '', op: '=', value: '' }])}
      >
        Only where a property…
      </Button>
    </Stack>
  );
}

function withOp(check: ParamCheck, op: Op): ParamCheck {
  const { value, ...rest } = check;
  if (NO_VALUE.has(op)) return { ...rest, op };
  if (MANY.has(op))
    return {
      ...rest,
      op,
      value: Array.isArray(value)
        ? value
        : value == null || value === '' || typeof value === 'object'
          ? []
          : [value],
    };
  return { ...rest, op, value: Array.isArray(value) ? (value[0] ?? '') : (value ?? '') };
}

function ValueField({
  check,
  onChange,
}: {
  check: ParamCheck;
  onChange: (check: ParamCheck) => void;
}) {
  const { op = '=', value } = check;
  if (NO_VALUE.has(op)) return null;
  if (MANY.has(op)) {
    return (
      <TagsInput
        aria-label="Values"
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(values) => onChange({ ...check, value: values.map(typed) })}
        acceptValueOnBlur
      />
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return (
      <TextInput
        aria-label="Property of the starting event"
        leftSection="="
        value={value.param}
        onChange={(event) => onChange({ ...check, value: { param: event.currentTarget.value } })}
      />
    );
  }
  return (
    <TextInput
      aria-label="Value"
      placeholder="value"
      value={value == null ? '' : String(value)}
      onChange={(event) => onChange({ ...check, value: typed(event.currentTarget.value) })}
    />
  );
}

/** A number where it reads as one and writes back the same; else the text. */
export function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && String(number) === text ? number : text;
}
