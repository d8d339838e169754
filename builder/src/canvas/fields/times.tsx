/** Fields for durations, days, hours and zones. */
import { Button, Chip, Group, Input, NumberInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Weekday } from '../model/types';
import { type Duration, readDuration, UNITS, type Unit, writeDuration } from '../words/durations';
import { DAY_NAMES, WEEKDAYS } from '../words/waits';

interface DurationProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** Lets the person say whether it lies before or after a moment. */
  signed?: boolean;
}

/** A number and a unit; what has several units is written as ISO 8601. */
export function DurationField({ label, value, onChange, error, signed = false }: DurationProps) {
  const duration: Duration | null = readDuration(value);
  const units = duration ? UNITS.filter((unit) => duration.amounts[unit]) : [];
  if (!duration || units.length > 1) {
    return (
      <TextInput
        label={label}
        value={value}
        error={error}
        description="As in P1DT2H: 1 day and 2 hours"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const unit: Unit = units[0] ?? 'hours';
  const write = (amount: number, of: Unit, negative: boolean): void =>
    onChange(writeDuration({ negative, amounts: { [of]: amount } }));
  const amount = duration.amounts[unit] ?? 0;
  return (
    <Input.Wrapper
      label={label}
      error={error}
      component="fieldset"
      style={{ border: 0, padding: 0, margin: 0 }}
    >
      <Group gap="xs" wrap="nowrap">
        <NumberInput
          aria-label={`${label}: how many`}
          value={amount}
          min={0}
          allowDecimal={unit === 'seconds'}
          w={90}
          onChange={(typed) => write(Number(typed) || 0, unit, duration.negative)}
        />
        <Select
          aria-label={`${label}: unit`}
          data={[...UNITS]}
          value={unit}
          allowDeselect={false}
          flex={1}
          onChange={(chosen) =>
            write(amount, UNITS.find((one) => one === chosen) ?? unit, duration.negative)
          }
        />
        {signed && (
          <Select
            aria-label={`${label}: before or after`}
            data={['before', 'after']}
            value={duration.negative ? 'before' : 'after'}
            allowDeselect={false}
            flex={1}
            onChange={(chosen) => write(amount, unit, chosen === 'before')}
          />
        )}
      </Group>
    </Input.Wrapper>
  );
}

/** A duration that may be left out. */
export function OptionalDuration({
  add,
  initial,
  value,
  onChange,
  ...props
}: Omit<DurationProps, 'value' | 'onChange'> & {
  add: string;
  initial: string;
  value: string | null | undefined;
  onChange: (value: string | null) => void;
}) {
  if (value === null || value === undefined) {
    return (
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => onChange(initial)}
        style={{ alignSelf: 'flex-start' }}
      >
        {add}
      </Button>
    );
  }
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <div style={{ flex: 1 }}>
        <DurationField {...props} value={value} onChange={onChange} />
      </div>
      <Button variant="subtle" color="gray" size="compact-sm" mb={6} onClick={() => onChange(null)}>
        Remove
      </Button>
    </Group>
  );
}

export function WeekdaysField({
  value,
  onChange,
  label = 'Days',
}: {
  value: readonly Weekday[] | undefined;
  onChange: (value: Weekday[]) => void;
  label?: string;
}) {
  return (
    <Input.Wrapper label={label} description="None chosen: every day">
      <Chip.Group
        multiple
        value={[...(value ?? [])]}
        onChange={(chosen) => onChange(WEEKDAYS.filter((day) => chosen.includes(day)))}
      >
        <Group gap={4} mt={6}>
          {WEEKDAYS.map((day) => (
            <Chip key={day} value={day} size="xs" variant="outline">
              {DAY_NAMES[day]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  );
}

export function TimeField({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}) {
  return (
    <TextInput
      label={label}
      type="time"
      value={value === '24:00' ? '00:00' : value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A zone by name, or the contact's own. */
export function ZoneField({
  value,
  onChange,
  contact = true,
  error,
}: {
  value: string | null | undefined;
  onChange: (value: string) => void;
  contact?: boolean;
  error?: string | undefined;
}) {
  const [zones] = useState(() => Intl.supportedValuesOf('timeZone'));
  const own = contact ? [{ value: 'contact', label: 'The contact’s time' }] : [];
  return (
    <Select
      label="Time zone"
      data={[...own, 'UTC', ...zones.filter((zone) => zone !== 'UTC')]}
      value={value ?? (contact ? 'contact' : null)}
      placeholder="The workspace’s"
      searchable
      limit={100}
      allowDeselect={!contact}
      error={error}
      onChange={(chosen) => onChange(chosen ?? (contact ? 'contact' : ''))}
    />
  );
}
