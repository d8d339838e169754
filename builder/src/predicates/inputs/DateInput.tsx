import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconClockPlus, IconClockX } from '@tabler/icons-react';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: boolean | undefined;
}

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A day, or a moment in UTC; what has an offset is written as it is. */
export function DateInput({ label, value, onChange, error }: Props) {
  const local = LOCAL.test(value);
  const plain = value !== '' && !local && !DAY.test(value);
  const toggle = local ? 'Leave the time out' : 'Add a time (UTC)';
  return (
    <>
      <TextInput
        size="xs"
        type={plain ? 'text' : local ? 'datetime-local' : 'date'}
        aria-label={local ? `${label} (UTC)` : label}
        value={value}
        error={error}
        flex="0 1 auto"
        w={plain ? 220 : local ? 184 : 136}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {!plain && (
        <Tooltip label={toggle}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={toggle}
            disabled={value === ''}
            onClick={() => onChange(local ? value.slice(0, 10) : `${value}T00:00`)}
          >
            {local ? <IconClockX size={16} aria-hidden /> : <IconClockPlus size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </>
  );
}
