import { Autocomplete, Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Change, type ContactDetails, useChangeContact } from '@/api/contacts';
import { asProblem } from '@/api/problem';
import { CopyButton } from '@/shared/CopyButton';
import { ErrorState } from '@/shared/ErrorState';
import { Card } from './Card';

const TRAITS = [
  ['email', 'Email', 320],
  ['phone', 'Phone', 64],
  ['timezone', 'Time zone', 64],
  ['locale', 'Language', 64],
] as const;

interface TraitsProps {
  contact: ContactDetails;
  editable: boolean;
}

/** What every contact may have: address, phone, zone, language. */
export function Traits({ contact, editable }: TraitsProps) {
  const [editing, setEditing] = useState(false);
  if (editing) return <Form contact={contact} onDone={() => setEditing(false)} />;
  const edit = editable && (
    <Button size="compact-sm" variant="subtle" onClick={() => setEditing(true)}>
      Edit
    </Button>
  );
  return (
    <Card title="Profile" action={edit}>
      <Table layout="fixed" withRowBorders={false} verticalSpacing={4} horizontalSpacing={0}>
        <Table.Tbody>
          <Row name="User id" value={contact.userId} copy />
          {TRAITS.map(([name, label]) => (
            <Row key={name} name={label} value={contact[name]} copy={name === 'email'} />
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Row({ name, value, copy }: { name: string; value: string | null; copy?: boolean }) {
  return (
    <Table.Tr>
      <Table.Th w={96} fw={400} c="dimmed" fz="sm">
        {name}
      </Table.Th>
      <Table.Td>
        <Group gap={4} wrap="nowrap" mih={28}>
          <Text size="sm" c={value ? undefined : 'dimmed'} style={{ overflowWrap: 'anywhere' }}>
            {value ?? '–'}
          </Text>
          {copy && value && <CopyButton value={value} label={`Copy the ${name.toLowerCase()}`} />}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Form({ contact, onDone }: { contact: ContactDetails; onDone: () => void }) {
  const [draft, setDraft] = useState<Record<string, string>>({});
  const change = useChangeContact(contact.userId ?? contact.id);
  const issues = change.error ? asProblem(change.error).issues : [];
  const changed = TRAITS.filter(
    ([name]) => (draft[name] ?? contact[name] ?? '') !== (contact[name] ?? ''),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wish: Change = {};
    for (const [name] of changed) wish[name] = draft[name]?.trim() || null;
    change.mutate(wish, { onSuccess: onDone });
  };
  const placed =
    issues.length > 0 && issues.every(({ path }) => TRAITS.some(([name]) => path === `$.${name}`));
  return (
    <Card title="Profile">
      <form onSubmit={submit}>
        <Stack gap="xs">
          {TRAITS.map(([name, label, maxLength]) => {
            const props = {
              label,
              maxLength,
              value: draft[name] ?? contact[name] ?? '',
              error: issues.find(({ path }) => path === `$.${name}`)?.message,
            };
            const set = (value: string): void => setDraft({ ...draft, [name]: value });
            if (name === 'timezone') {
              const data = Intl.supportedValuesOf('timeZone');
              return <Autocomplete key={name} {...props} data={data} limit={20} onChange={set} />;
            }
            return (
              <TextInput
                key={name}
                {...props}
                type={name === 'email' ? 'email' : 'text'}
                onChange={(event) => set(event.currentTarget.value)}
              />
            );
          })}
          {change.error && !placed && <ErrorState error={change.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" size="xs" onClick={onDone}>
              Cancel
            </Button>
            <Button
              type="submit"
              size="xs"
              loading={change.isPending}
              disabled={changed.length === 0}
            >
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
