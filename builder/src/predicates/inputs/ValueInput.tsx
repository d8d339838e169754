/** The right side of a comparison, with the input that fits it. */
import {
  ActionIcon,
  Autocomplete,
  Menu,
  NumberInput,
  Select,
  TagsInput,
  Tooltip,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  IconCalendar,
  IconClock,
  IconNumber123,
  IconToggleLeft,
  IconTypography,
  IconVariable,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useValues, type ValuesOf } from '@/api/catalogue';
import { useEditing } from '../context';
import type { Op, Scalar, Value } from '../model/kinds';
import {
  converted,
  type FieldType,
  INPUT_LABELS,
  type Input,
  inputOf,
  typed,
} from '../model/values';
import { DateInput } from './DateInput';
import { AgoInput } from './spans';

export interface ValueInputProps {
  op: Op | undefined;
  value: Value | null | undefined;
  onChange: (value: Value) => void;
  type?: FieldType | undefined;
  /** Where proposals come from. */
  of?: ValuesOf | null;
  label?: string;
  error?: boolean | undefined;
}

type Sort = keyof typeof INPUT_LABELS;
const ICONS: Readonly<Record<Sort, typeof IconClock>> = {
  text: IconTypography,
  number: IconNumber123,
  boolean: IconToggleLeft,
  date: IconCalendar,
  ago: IconClock,
  param: IconVariable,
};

export function ValueInput(props: ValueInputProps) {
  // What was chosen stays chosen while the value is empty and could be of any sort.
  const [chosen, setChosen] = useState<Input | null>(null);
  const { op, value, onChange } = props;
  const empty = value === '' || value === null || value === undefined;
  const found = inputOf(op, value);
  const sort = empty && chosen && found !== 'none' && found !== 'list' ? chosen : found;
  if (sort === 'none') return null;
  if (sort === 'list') return <ListInput {...props} />;
  return (
    <>
      <SortMenu
        sort={sort}
        onChange={(next) => {
          setChosen(next);
          onChange(converted(value, next));
        }}
      />
      <SingleInput {...props} sort={sort} />
    </>
  );
}

function SortMenu({ sort, onChange }: { sort: Sort; onChange: (sort: Sort) => void }) {
  const { journey } = useEditing();
  const Icon = ICONS[sort];
  const label = (one: Sort): string =>
    one === 'param' && journey ? 'Property of the starting event' : INPUT_LABELS[one];
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Tooltip label={`Compared with: ${label(sort).toLowerCase()}`}>
          <ActionIcon variant="default" size={30} aria-label={`Sort of value: ${label(sort)}`}>
            <Icon size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(ICONS) as Sort[]).map((one) => {
          const Picture = ICONS[one];
          return (
            <Menu.Item
              key={one}
              leftSection={<Picture size={15} aria-hidden />}
              onClick={() => onChange(one)}
            >
              {label(one)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function SingleInput({
  sort,
  value,
  onChange,
  label = 'Value',
  error,
  ...rest
}: ValueInputProps & { sort: Sort }) {
  const { journey } = useEditing();
  const text = typeof value === 'object' || value === undefined ? '' : String(value);
  switch (sort) {
    case 'number':
      return (
        <NumberInput
          size="xs"
          aria-label={label}
          value={typeof value === 'number' ? value : ''}
          error={error}
          flex="1 1 100px"
          maw={180}
          onChange={(next) =>
            onChange(next === '' || !Number.isFinite(Number(next)) ? '' : Number(next))
          }
        />
      );
    case 'boolean':
      return (
        <Select
          size="xs"
          aria-label={label}
          data={[
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
          value={text}
          allowDeselect={false}
          error={error}
          flex="0 0 90px"
          onChange={(next) => onChange(next === 'true')}
        />
      );
    case 'date':
      return <DateInput label={label} value={text} onChange={onChange} error={error} />;
    case 'ago':
      return <AgoInput label={label} value={text} onChange={onChange} error={error} />;
    case 'param':
      return (
        <Autocomplete
          size="xs"
          aria-label={journey ? 'Property of the starting event' : 'Name of the parameter'}
          placeholder={journey ? 'its name' : 'parameter'}
          data={[...(journey?.params ?? [])]}
          value={typeof value === 'object' && value !== null && 'param' in value ? value.param : ''}
          error={error}
          flex="1 1 130px"
          maw={280}
          spellCheck={false}
          onChange={(param) => onChange({ param })}
        />
      );
    default:
      return <TextValue {...rest} label={label} error={error} text={text} onChange={onChange} />;
  }
}

interface TextProps extends Omit<ValueInputProps, 'value' | 'label'> {
  label: string;
  text: string;
}

function TextValue({ text, type, of, label, error, onChange }: TextProps) {
  const [prefix] = useDebouncedValue(text, 200);
  const { data } = useValues(of ?? null, prefix);
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      placeholder={type === undefined ? 'value' : type}
      data={[...new Set(data?.map((one) => String(one.value)))]}
      limit={20}
      value={text}
      error={error}
      flex="1 1 140px"
      maw={360}
      spellCheck={false}
      // Texts: a number in the data equals the text that spells it, and the input stays this one.
      onChange={onChange}
    />
  );
}

function ListInput({ value, type, of, label = 'Values', error, onChange }: ValueInputProps) {
  const [search, setSearch] = useState('');
  const [prefix] = useDebouncedValue(search, 200);
  const { data } = useValues(of ?? null, prefix);
  const values: Scalar[] = Array.isArray(value) ? value : [];
  const known = new Map<string, Scalar>(data?.map((one) => [String(one.value), one.value]));
  for (const one of values) known.set(String(one), one);
  return (
    <TagsInput
      size="xs"
      aria-label={label}
      placeholder={values.length === 0 ? 'values, Enter after each' : ''}
      data={[...new Set(data?.map((one) => String(one.value)))]}
      value={[...new Set(values.map(String))]}
      searchValue={search}
      onSearchChange={setSearch}
      error={error}
      acceptValueOnBlur
      flex="1 1 200px"
      splitChars={[',', ';', '\n']}
      onChange={(next) => onChange(next.map((one) => known.get(one) ?? typed(one, type)))}
    />
  );
}
