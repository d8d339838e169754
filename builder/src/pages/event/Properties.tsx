import { Badge, Code, Group, Table, Text } from '@mantine/core';
import type { PropertyInfo } from '@/api/catalogue';
import { Sideways } from '@/shared/Sideways';

/** What the event carries: names, types, examples. */
export function Properties({ properties }: { properties: readonly PropertyInfo[] }) {
  if (properties.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        The newest of these events carry no properties.
      </Text>
    );
  }
  return (
    <Sideways label="Properties">
      <Table aria-label="Properties" verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th visibleFrom="sm">Examples</Table.Th>
            <Table.Th ta="right">Present</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {properties.map((one) => (
            <Table.Tr key={one.name}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{one.name}</Table.Td>
              <Table.Td>
                <Badge variant="light" color="gray">
                  {one.type}
                </Badge>
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <Group gap={4}>
                  {one.examples.slice(0, 5).map((example) => (
                    <Code key={String(example)} style={{ overflowWrap: 'anywhere' }}>
                      {String(example).slice(0, 80)}
                    </Code>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td ta="right">{Math.round(one.share * 100)} %</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Sideways>
  );
}
