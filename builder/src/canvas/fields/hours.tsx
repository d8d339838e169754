import { Group, Select, Stack, Switch } from '@mantine/core';
import type { AllowedHours } from '../model/types';
import { OptionalDuration, TimeField, WeekdaysField } from './times';

const DAYTIME: AllowedHours = { from: '08:00', to: '21:00' };

const OTHERWISE = [
  { value: 'wait', label: 'Wait until they begin' },
  { value: 'skip', label: 'Skip the message' },
  { value: 'send', label: 'Send it all the same' },
] as const;

interface Props {
  value: AllowedHours | null | undefined;
  onChange: (value: AllowedHours | null) => void;
  error: string | undefined;
  label?: string;
  description?: string;
  readOnly?: boolean;
}

/** Hours in which messages may leave, what to do outside of them, and how to catch up. */
export function HoursFields({ value, onChange, error, readOnly = false, ...props }: Props) {
  return (
    <Stack gap="xs">
      <Switch
        label={props.label ?? 'Only at certain hours, in the contact’s time'}
        description={props.description}
        checked={value != null}
        error={value == null ? error : undefined}
        disabled={readOnly}
        onChange={(event) => onChange(event.currentTarget.checked ? DAYTIME : null)}
      />
      {value && (
        <fieldset disabled={readOnly} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <Stack gap="xs">
            <Group grow align="flex-start">
              <TimeField
                label="From"
                value={value.from}
                error={error}
                onChange={(from) => onChange({ ...value, from })}
              />
              <TimeField
                label="Until"
                value={value.to}
                onChange={(to) => onChange({ ...value, to })}
              />
            </Group>
            <WeekdaysField
              value={value.weekdays}
              onChange={(weekdays) => onChange({ ...value, weekdays })}
            />
            <Outside value={value} onChange={onChange} />
          </Stack>
        </fieldset>
      )}
    </Stack>
  );
}

function Outside({
  value,
  onChange,
}: {
  value: AllowedHours;
  onChange: (value: AllowedHours) => void;
}) {
  const { spread, ...others } = value;
  const otherwise = value.otherwise ?? 'wait';
  return (
    <>
      <Select
        label="At other hours"
        data={[...OTHERWISE]}
        value={otherwise}
        allowDeselect={false}
        onChange={(chosen) => {
          const found = OTHERWISE.find((one) => one.value === chosen);
          if (!found) return;
          // What is not held back leaves no crowd to spread.
          onChange({ ...(found.value === 'wait' ? value : others), otherwise: found.value });
        }}
      />
      {otherwise === 'wait' && (
        <OptionalDuration
          add="Spread those that waited"
          label="Those that waited leave within"
          initial="PT1H"
          value={spread}
          onChange={(given) => onChange(given === null ? others : { ...value, spread: given })}
        />
      )}
    </>
  );
}
