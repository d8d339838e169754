import { ActionIcon, Button, Group, Table, Text, Tooltip } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { type ContactDetails, useChangeContact } from '@/api/contacts';
import { showProblem } from '@/api/queries';
import { confirm } from '@/shared/confirm';
import { When } from '@/shared/When';
import { Card } from './Card';
import { FieldDialog } from './FieldDialog';
import { asText, typeOf } from './values';

interface FieldsProps {
  contact: ContactDetails;
  editable: boolean;
}

/** Custom fields: what apps and imports said, and what is set by hand. */
export function Fields({ contact, editable }: FieldsProps) {
  /** The name of the field that is edited; empty for a new one. */
  const [editing, setEditing] = useState<string | null>(null);
  const change = useChangeContact(contact.userId ?? contact.id);
  const names = Object.keys(contact.fields).sort();
  const remove = async (name: string): Promise<void> => {
    const sure = await confirm({
      title: `Remove the field ${name}?`,
      children:
        'The contact will have no such field. Segments and workflows that look at it follow.',
      action: 'Remove',
      danger: true,
    });
    if (sure) change.mutate({ fields: { [name]: null } }, { onError: showProblem });
  };
  const add = editable && (
    <Button
      size="compact-sm"
      variant="subtle"
      leftSection={<IconPlus size={14} />}
      onClick={() => setEditing('')}
    >
      Add field
    </Button>
  );
  return (
    <Card title="Fields" action={add}>
      {names.length === 0 && (
        <Text size="sm" c="dimmed">
          No custom field yet.
        </Text>
      )}
      <Table layout="fixed" withRowBorders={false} verticalSpacing={2} horizontalSpacing={0}>
        <Table.Tbody>
          {names.map((name) => (
            <Table.Tr key={name}>
              <Table.Th fw={400} c="dimmed" fz="sm" w="40%" style={{ overflowWrap: 'anywhere' }}>
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Value value={contact.fields[name]} zone={contact.timezone} />
              </Table.Td>
              {editable && (
                <Table.Td w={64}>
                  <Group gap={2} wrap="nowrap" justify="flex-end">
                    <Tooltip label={`Edit ${name}`}>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Edit ${name}`}
                        onClick={() => setEditing(name)}
                      >
                        <IconPencil size={16} />
                      </ActionIcon>
                    </Tooltip>
                    <Tooltip label={`Remove ${name}`}>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Remove ${name}`}
                        onClick={() => void remove(name)}
                      >
                        <IconTrash size={16} />
                      </ActionIcon>
                    </Tooltip>
                  </Group>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {editing !== null && (
        <FieldDialog contact={contact} name={editing} onClose={() => setEditing(null)} />
      )}
    </Card>
  );
}

function Value({ value, zone }: { value: unknown; zone: string | null }) {
  const moment =
    typeof value === 'string' && typeOf(value) === 'date' && /[Zz]|[+-]\d\d:?\d\d$/.test(value);
  return (
    <Text size="sm" component="div" lineClamp={4} title={asText(value)}>
      {moment ? <When at={value} zone={zone} /> : shown(value)}
    </Text>
  );
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return asText(value);
}
