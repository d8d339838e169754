import { Autocomplete, Group, Text, Tooltip } from '@mantine/core';
import { IconHelpHexagon } from '@tabler/icons-react';

export interface NameOption {
  readonly name: string;
  /** What is known of it: its type, examples or volume. */
  readonly about?: string;
}

interface Props {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  /** Somebody took one of the options. */
  onChosen?: (value: string) => void;
  /** Undefined while they load. */
  options: readonly NameOption[] | undefined;
  /** Said of a name that is not among the options. */
  unknown: string;
  error?: boolean | undefined;
  width?: number;
}

/** A name chosen from real data; any other may be typed, too. */
export function NameInput({ options, unknown, onChosen, width = 200, ...props }: Props) {
  const about = new Map(options?.map((option) => [option.name, option.about]));
  const strange = options !== undefined && props.value !== '' && !about.has(props.value);
  return (
    <Autocomplete
      size="xs"
      aria-label={props.label}
      placeholder={props.placeholder}
      value={props.value}
      onChange={props.onChange}
      {...(onChosen && { onOptionSubmit: onChosen })}
      data={[...about.keys()]}
      limit={60}
      error={props.error}
      spellCheck={false}
      autoComplete="off"
      flex={`1 1 ${width}px`}
      miw={Math.min(width, 140)}
      maw={360}
      comboboxProps={{ width: 320, position: 'bottom-start' }}
      renderOption={({ option }) => (
        <Group gap="sm" wrap="nowrap" justify="space-between" w="100%">
          <Text span size="xs" truncate>
            {option.value}
          </Text>
          <Text span size="xs" c="dimmed" truncate maw="55%">
            {about.get(option.value)}
          </Text>
        </Group>
      )}
      rightSection={
        strange && (
          <Tooltip label={unknown}>
            <IconHelpHexagon
              size={16}
              role="img"
              aria-label={unknown}
              color="var(--mantine-color-yellow-7)"
            />
          </Tooltip>
        )
      }
      rightSectionPointerEvents="auto"
    />
  );
}
