import { ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import type { Import } from '@/api/imports';

/** Reached by the keyboard, which scrolls it. */
const SCROLLED = { tabIndex: 0, role: 'region', 'aria-label': 'The first rows' };

/** The first rows as they are stored. */
export function Sample({ of: { preview } }: { of: Import }) {
  if (preview.length === 0) return null;
  const rows = preview.map(flat);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        The first rows, as they are stored
      </Title>
      <ScrollArea type="auto" viewportProps={SCROLLED}>
        <Table aria-label="First rows" fz="xs" withTableBorder>
          <Table.Thead>
            <Table.Tr>
              {names.map((name) => (
                <Table.Th key={name} style={{ whiteSpace: 'nowrap' }}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows without identity
              <Table.Tr key={index}>
                {names.map((name) => (
                  <Table.Td key={name}>
                    <Text
                      size="xs"
                      truncate
                      maw={200}
                      ff={typeof row[name] === 'string' ? undefined : 'monospace'}
                    >
                      {row[name] === undefined ? '' : cell(row[name])}
                    </Text>
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Stack>
  );
}

const cell = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Custom fields and properties stand in columns of their own. */
function flat(row: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (nested) Object.assign(found, flat(value as Record<string, unknown>));
    else found[name] = value;
  }
  return found;
}
