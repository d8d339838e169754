/** Durations in a row: "7 days", "3 days ago". */
import { NumberInput, Select, TextInput } from '@mantine/core';
import { readDuration, UNITS, type Unit, writeDuration } from '@/canvas/words/durations';

interface SpanProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: boolean | undefined;
}

/** A number and a unit; what has several units is written as ISO 8601. */
export function SpanInput({ label, value, onChange, error }: SpanProps) {
  const duration = readDuration(value);
  const units = duration ? UNITS.filter((unit) => duration.amounts[unit]) : [];
  if (!duration || units.length > 1) {
    return (
      <TextInput
        size="xs"
        aria-label={label}
        value={value}
        error={error}
        placeholder="P7D"
        flex="0 1 120px"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const unit: Unit = units[0] ?? 'days';
  const amount = duration.amounts[unit] ?? 0;
  const write = (much: number, of: Unit): void =>
    onChange(writeDuration({ negative: duration.negative, amounts: { [of]: much } }));
  return (
    <>
      <NumberInput
        size="xs"
        aria-label={`${label}: how many`}
        value={amount}
        min={0}
        allowDecimal={unit === 'seconds'}
        error={error}
        flex="0 0 72px"
        onChange={(typed) => write(Number(typed) || 0, unit)}
      />
      <Select
        size="xs"
        aria-label={`${label}: unit`}
        data={[...UNITS]}
        value={unit}
        allowDeselect={false}
        flex="0 0 100px"
        onChange={(chosen) => write(amount, UNITS.find((one) => one === chosen) ?? unit)}
      />
    </>
  );
}

/** A moment as far from now. */
export function AgoInput({ value, onChange, ...props }: SpanProps) {
  const past = value.startsWith('-');
  return (
    <>
      <SpanInput {...props} value={value} onChange={onChange} />
      <Select
        size="xs"
        aria-label={`${props.label}: before or after now`}
        data={[
          { value: '-', label: 'ago' },
          { value: '', label: 'from now' },
        ]}
        value={past ? '-' : ''}
        allowDeselect={false}
        flex="0 0 104px"
        onChange={(sign) => onChange((sign ?? '') + value.replace(/^[-+]/, ''))}
      />
    </>
  );
}

interface WindowProps {
  value: string | null | undefined;
  onChange: (value: string | null) => void;
  journey: boolean;
  error?: boolean | undefined;
}

/** How far back: ever, in the last so many days, since the journey began. */
export function WindowInput({ value, onChange, journey, error }: WindowProps) {
  const sort = !value && value !== '' ? 'ever' : value === 'journey' ? 'journey' : 'last';
  const data = [
    { value: 'ever', label: 'ever' },
    { value: 'last', label: 'in the last' },
    ...(journey || sort === 'journey'
      ? [{ value: 'journey', label: 'since the journey began' }]
      : []),
  ];
  return (
    <>
      <Select
        size="xs"
        aria-label="When"
        data={data}
        value={sort}
        allowDeselect={false}
        error={error}
        flex={sort === 'journey' ? '0 1 190px' : '0 0 108px'}
        comboboxProps={{ width: 200, position: 'bottom-start' }}
        onChange={(chosen) =>
          onChange(chosen === 'ever' ? null : chosen === 'journey' ? 'journey' : 'P30D')
        }
      />
      {sort === 'last' && (
        <SpanInput label="Window" value={value ?? ''} onChange={onChange} error={error} />
      )}
    </>
  );
}
