import {
  Autocomplete,
  Badge,
  Checkbox,
  ScrollArea,
  Select,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import type { CellType, Import, Mapping } from '@/api/imports';
import { choiceOf, choose, isCustom, TARGETS } from './mapping';

/** Reached by the keyboard, which scrolls it. */
const SCROLLED = { tabIndex: 0, role: 'region', 'aria-label': 'Columns' };

const TYPES: readonly { value: CellType; label: string }[] = [
  { value: 'text', label: 'text' },
  { value: 'number', label: 'number' },
  { value: 'boolean', label: 'yes or no' },
  { value: 'date', label: 'date' },
];

interface MappingTableProps {
  of: Import;
  /** What was chosen by hand; without `onChange` the table is to read. */
  mapping?: Mapping;
  onChange?: (mapping: Mapping) => void;
}

/** What each column becomes. */
export function MappingTable({ of: one, mapping = {}, onChange }: MappingTableProps) {
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        Columns
      </Title>
      <ScrollArea type="auto" viewportProps={SCROLLED}>
        <Table aria-label="Columns" fz="sm" miw={onChange ? 520 : undefined}>
          <Table.Thead>
            <Table.Tr>
              {onChange && <Table.Th w={60}>Take</Table.Th>}
              <Table.Th>In the file</Table.Th>
              <Table.Th>Becomes</Table.Th>
              <Table.Th w={150}>Type</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {one.mapping.map((column) => {
              const choice = choiceOf(column, mapping);
              const set = (to: string | null, type: CellType | null): void =>
                onChange?.(choose(mapping, column, one.kind, { to, type }));
              const custom = choice.to !== null && isCustom(one.kind, choice.to);
              return (
                <Table.Tr key={column.column}>
                  {onChange && (
                    <Table.Td>
                      <Checkbox
                        aria-label={`Take the column ${column.column}`}
                        checked={choice.to !== null}
                        onChange={(event) =>
                          set(event.currentTarget.checked ? column.column : null, column.type)
                        }
                      />
                    </Table.Td>
                  )}
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{column.column}</Table.Td>
                  <Table.Td>
                    {onChange ? (
                      <Autocomplete
                        aria-label={`What ${column.column} becomes`}
                        size="xs"
                        data={[...TARGETS[one.kind]]}
                        value={choice.to ?? ''}
                        disabled={choice.to === null}
                        onChange={(to) => set(to, choice.type)}
                      />
                    ) : (
                      <Become to={choice.to} detected={column.detected} />
                    )}
                  </Table.Td>
                  <Table.Td>
                    {onChange && custom ? (
                      <Select
                        aria-label={`Type of ${column.column}`}
                        size="xs"
                        data={TYPES}
                        value={choice.type ?? 'text'}
                        allowDeselect={false}
                        onChange={(type) => set(choice.to, type as CellType)}
                      />
                    ) : (
                      <Text size="xs" c="dimmed">
                        {choice.to !== null && (column.type ?? 'its own')}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Stack>
  );
}

function Become({ to, detected }: { to: string | null; detected: boolean }) {
  if (to === null)
    return (
      <Text size="sm" c="dimmed">
        left out
      </Text>
    );
  return (
    <>
      {to}{' '}
      {!detected && (
        <Badge size="xs" variant="default" tt="none">
          chosen
        </Badge>
      )}
    </>
  );
}
