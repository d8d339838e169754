import { Autocomplete, type AutocompleteProps, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useContactSearch } from './queries';

interface Props
  extends Omit<AutocompleteProps, 'value' | 'onChange' | 'data' | 'filter' | 'renderOption'> {
  /** A `userId` or id; text that was typed counts as one. */
  value: string | null;
  onChange: (contact: string | null) => void;
}

const PAUSE = 300;

/** A contact, searched for by anything one knows of it. */
export function ContactSelect({ value, onChange, ...props }: Props) {
  const [text, setText] = useState(value ?? '');
  const [opened, setOpened] = useState(false);
  const [asked] = useDebouncedValue(text.trim(), PAUSE);
  const found = useContactSearch(asked).data ?? [];
  const said = new Map(found.map((one) => [one.userId ?? one.id, one.email ?? one.phone ?? '']));
  const choose = (chosen: string): void => onChange(chosen.trim() || null);
  return (
    <Autocomplete
      {...props}
      value={text}
      dropdownOpened={opened}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      data={[...said.keys()]}
      // The server has searched already, by more than what an option shows.
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <span>
          {option.value}
          <Text size="xs" c="dimmed">
            {said.get(option.value)}
          </Text>
        </span>
      )}
      onChange={setText}
      onOptionSubmit={choose}
      onBlur={() => choose(text)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        choose(event.currentTarget.value);
        setOpened(false);
      }}
    />
  );
}
