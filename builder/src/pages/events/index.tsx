import { Anchor, Progress, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconActivity, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { type EventVolume, useEventVolumes } from '@/api/catalogue';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { PageHeader } from '@/shared/PageHeader';
import { Sideways } from '@/shared/Sideways';
import { When } from '@/shared/When';

const number = (value: number): string => value.toLocaleString('en');

/** Every event that came in, and how much of it there is. */
export function Component() {
  const [typed, setTyped] = useState('');
  const [prefix] = useDebouncedValue(typed.trim(), 250);
  const { data, error, refetch } = useEventVolumes(prefix);
  return (
    <>
      <PageHeader
        title="Events"
        description="What your apps send: every name, how often it came, and what it carries."
      />
      <TextInput
        aria-label="Find an event by the beginning of its name"
        placeholder="Find by name"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        maw={360}
        mb="md"
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {data ? (
        <Volumes events={data} prefix={prefix} />
      ) : error ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <LoadingRows />
      )}
    </>
  );
}

function Volumes({ events, prefix }: { events: readonly EventVolume[]; prefix: string }) {
  if (events.length === 0) {
    return (
      <EmptyState icon={IconActivity} title={prefix ? 'No event begins so' : 'No events yet'}>
        {prefix
          ? 'Try the first letters of another name.'
          : 'Send the first one with an SDK or POST /v1/track; it shows here within moments.'}
      </EmptyState>
    );
  }
  const most = Math.max(1, ...events.map((one) => one.last_30d));
  const sorted = [...events].sort((a, b) => b.last_30d - a.last_30d);
  return (
    <Sideways label="Events">
      <Table highlightOnHover aria-label="Events" verticalSpacing={10}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Event</Table.Th>
            <Table.Th visibleFrom="sm" w="26%">
              Share of the busiest
            </Table.Th>
            <Table.Th ta="right">24 hours</Table.Th>
            <Table.Th ta="right" visibleFrom="xs">
              7 days
            </Table.Th>
            <Table.Th ta="right">30 days</Table.Th>
            <Table.Th visibleFrom="sm">Last seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody style={{ fontVariantNumeric: 'tabular-nums' }}>
          {sorted.map((one) => (
            <Table.Tr key={one.name}>
              <Table.Td>
                <Anchor
                  component={Link}
                  to={`/events/${encodeURIComponent(one.name)}`}
                  fw={500}
                  inherit
                  style={{ overflowWrap: 'anywhere' }}
                >
                  {one.name}
                </Anchor>
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <Progress
                  value={(100 * one.last_30d) / most}
                  aria-label={`${number(one.last_30d)} of ${one.name} in 30 days`}
                  size="md"
                />
              </Table.Td>
              <Table.Td ta="right">{number(one.last_24h)}</Table.Td>
              <Table.Td ta="right" visibleFrom="xs">
                {number(one.last_7d)}
              </Table.Td>
              <Table.Td ta="right">{number(one.last_30d)}</Table.Td>
              <Table.Td visibleFrom="sm">
                <When at={one.last_seen_at} ago />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {events.length >= 500 && (
        <Text size="xs" c="dimmed" mt="xs">
          These are the first 500 names; find others by how they begin.
        </Text>
      )}
    </Sideways>
  );
}
