/** Fields for names that data knows: events, their properties, fields of contacts. Others may be typed, too. */
import { Autocomplete, Group, TagsInput, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  type EventVolume,
  useEventDetail,
  useEventVolumes,
  useFields,
  useValues,
} from '@/api/catalogue';
import { aboutInfo } from '@/predicates/types';
import { useDrawing } from '../editor/context';

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  description?: string;
  placeholder?: string;
}

interface TagsProps extends Omit<FieldProps, 'value' | 'onChange'> {
  value: readonly string[];
  onChange: (value: string[]) => void;
}

const SHOWN = 50;

/** The event that journeys of this drawing start with; empty where none does. */
export function useStartEvent(): string {
  const { start } = useDrawing().definition;
  return 'event' in start ? start.event : '';
}

export function EventField({ value, onChange, ...props }: FieldProps) {
  const [prefix] = useDebouncedValue(value, 200);
  const known = namesOf(useEventVolumes(prefix).data, volume);
  return <NameField placeholder="Workout Completed" {...props} {...{ value, onChange, known }} />;
}

export function EventsField({ value, ...props }: TagsProps) {
  const known = namesOf(useEventVolumes().data, volume);
  return <TagsField placeholder="Name of an event" {...props} value={value} known={known} />;
}

const volume = ({ last_30d: count }: EventVolume): string =>
  count > 0 ? `${count.toLocaleString()} in 30 days` : '';

/** A property of an event. */
export function PropertyField({ event, ...props }: FieldProps & { event: string }) {
  const known = namesOf(useEventDetail(event).data?.properties, aboutInfo);
  return <NameField {...props} known={known} />;
}

/** Properties of an event. */
export function PropertiesField({ event, ...props }: TagsProps & { event: string }) {
  const known = namesOf(useEventDetail(event).data?.properties, aboutInfo);
  return <TagsField {...props} known={known} />;
}

/** A field of the contact; `type` puts those that hold such values first. */
export function ContactField({ type, ...props }: FieldProps & { type?: string }) {
  const fields = useFields().data;
  const first = fields?.toSorted((a, b) => Number(b.type === type) - Number(a.type === type));
  return <NameField {...props} known={namesOf(fields && first, aboutInfo)} />;
}

/** Fields of the contact. */
export function ContactFields(props: TagsProps) {
  return <TagsField {...props} known={namesOf(useFields().data, aboutInfo)} />;
}

/** Values that a field of contacts has. */
export function ValuesField({
  field,
  extra,
  ...props
}: TagsProps & { field: string; extra: readonly string[] }) {
  const { data } = useValues({ field }, '');
  const known = new Map([
    ...extra.map((value) => [value, ''] as const),
    ...(data ?? []).map(({ value }) => [String(value), ''] as const),
  ]);
  return <TagsField {...props} known={known} />;
}

type Known = ReadonlyMap<string, string>;

function namesOf<Info extends { name: string }>(
  infos: readonly Info[] | undefined,
  about: (info: Info) => string,
): Known {
  return new Map((infos ?? []).map((info) => [info.name, about(info)]));
}

function NameField({ known, ...props }: FieldProps & { known: Known }) {
  return (
    <Autocomplete
      {...props}
      data={[...known.keys()]}
      limit={SHOWN}
      spellCheck={false}
      renderOption={({ option }) => <Option name={option.value} known={known} />}
    />
  );
}

function TagsField({ known, value, ...props }: TagsProps & { known: Known }) {
  return (
    <TagsInput
      {...props}
      value={[...value]}
      data={[...known.keys()]}
      limit={SHOWN}
      acceptValueOnBlur
      renderOption={({ option }) => <Option name={option.value} known={known} />}
    />
  );
}

function Option({ name, known }: { name: string; known: Known }) {
  return (
    <Group justify="space-between" gap="sm" wrap="nowrap" w="100%">
      <Text size="sm">{name}</Text>
      <Text size="xs" c="dimmed" truncate>
        {known.get(name)}
      </Text>
    </Group>
  );
}
