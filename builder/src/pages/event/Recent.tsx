import { Text, Tooltip } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { api, type Model, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { When } from '@/shared/When';
import classes from './Event.module.css';

type Event = Model<'EventAnswer'>;

const COLUMNS: readonly Column<Event>[] = [
  { title: 'Happened', width: 180, render: (one) => <When at={one.timestamp} seconds /> },
  {
    title: 'Contact',
    width: 180,
    render: (one) => one.userId ?? (one.contact_id === null ? 'no contact' : 'anonymous'),
  },
  {
    title: 'Properties',
    from: 'sm',
    render: (one) => {
      const text = JSON.stringify(one.properties);
      return (
        <Tooltip label={text.slice(0, 1_000)} disabled={text.length < 120}>
          <Text span className={classes.json}>
            {text}
          </Text>
        </Tooltip>
      );
    },
  },
];

/** The latest events of this name, as they came in. */
export function Recent({ name }: { name: string }) {
  const query = usePages(['events', 'named', name], (cursor) =>
    ok(
      api.GET('/v1/events', {
        params: { query: { name, limit: 25, ...(cursor && { cursor }) } },
      }),
    ),
  );
  return (
    <CursorTable
      label="Latest events"
      query={query}
      columns={COLUMNS}
      rowKey={(one) => one.id}
      empty={
        <EmptyState icon={IconActivity} title="None is kept">
          Events of this name were counted, and are not stored any more.
        </EmptyState>
      }
    />
  );
}
