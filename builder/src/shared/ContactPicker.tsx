import { Combobox, InputBase, Loader, ScrollArea, Text, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, type Model, ok } from '@/api/client';
import { asProblem } from '@/api/problem';

type Contact = Model<'ContactAnswer'>;

interface ContactPickerProps {
  label: string;
  description?: string;
  placeholder?: string;
  /** The chosen contact's userId or id. */
  value: string | null;
  onChange: (ref: string | null) => void;
  required?: boolean;
}

const SHOWN = 20;

/** What a contact is called in lists: the best of what is known. */
export function nameOf(contact: Contact): string {
  const { name, first_name: first, last_name: last } = contact.fields;
  const full = typeof name === 'string' ? name : [first, last].filter(Boolean).join(' ');
  return full || contact.email || contact.userId || contact.phone || contact.id;
}

export const refOf = (contact: Contact): string => contact.userId ?? contact.id;

/** One contact by its userId or id. */
export function useContactOf(ref: string | null) {
  return useQuery({
    queryKey: ['contacts', 'one', ref, 'brief'],
    queryFn: () => ok(api.GET('/v1/contacts/{ref}', { params: { path: { ref: ref ?? '' } } })),
    enabled: ref !== null,
    staleTime: 60_000,
  });
}

/** Finds a contact by part of its name, email, userId or phone. */
export function ContactPicker(props: ContactPickerProps) {
  const { value, onChange } = props;
  const chosen = useContactOf(value);
  const shown = chosen.data ? nameOf(chosen.data) : (value ?? '');
  const [typed, setTyped] = useState(shown);
  useEffect(() => setTyped(shown), [shown]);
  const [search] = useDebouncedValue(typed === shown ? '' : typed.trim(), 250);
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const found = useQuery({
    queryKey: ['contacts', 'search', search],
    queryFn: async () => {
      const query = { limit: SHOWN, ...(search ? { search } : {}) };
      return (await ok(api.GET('/v1/contacts', { params: { query } }))).data;
    },
    enabled: box.dropdownOpened,
    placeholderData: keepPreviousData,
  });
  return (
    <Combobox
      store={box}
      onOptionSubmit={(ref) => {
        onChange(ref);
        if (ref === value) setTyped(shown);
        box.closeDropdown();
      }}
    >
      <Combobox.Target>
        <InputBase
          label={props.label}
          description={props.description}
          required={props.required ?? false}
          withAsterisk={false}
          placeholder={props.placeholder ?? 'Name, email or userId'}
          value={typed}
          error={chosen.isError ? asProblem(chosen.error).detail : null}
          rightSection={
            found.isFetching && box.dropdownOpened ? (
              <Loader size={16} />
            ) : value ? (
              <Combobox.ClearButton onClear={() => onChange(null)} aria-label="Clear the contact" />
            ) : (
              <Combobox.Chevron />
            )
          }
          rightSectionPointerEvents={value ? 'all' : 'none'}
          onClick={() => box.openDropdown()}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={() => {
            box.closeDropdown();
            setTyped(shown);
          }}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            box.openDropdown();
            box.updateSelectedOptionIndex();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options aria-label="Contacts">
          <ScrollArea.Autosize mah={280} type="scroll">
            {found.isError && <Combobox.Empty>{asProblem(found.error).detail}</Combobox.Empty>}
            {found.data?.length === 0 && <Combobox.Empty>Nobody is found.</Combobox.Empty>}
            {found.isPending && <Combobox.Empty>Searching…</Combobox.Empty>}
            {found.data?.map((contact) => (
              <Combobox.Option key={contact.id} value={refOf(contact)}>
                <Text size="sm">{nameOf(contact)}</Text>
                <Text size="xs" c="dimmed">
                  {[contact.email, contact.userId].filter(Boolean).join(' · ') || contact.id}
                </Text>
              </Combobox.Option>
            ))}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
