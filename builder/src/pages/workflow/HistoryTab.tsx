import { Anchor, Badge, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, type Model, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import looks from '@/pages/journeys/Filters.module.css';
import { endWords, plain, refusalWords } from '@/pages/journeys/words';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { When } from '@/shared/When';
import { addressOf, type Filters, filtersOf, HistoryFilters, queryOf } from './HistoryFilters';
import type { Workflow } from './queries';
import classes from './Workflow.module.css';

type Entry = Model<'HistoryEntry'>;

const EVERY = 10_000;
const PAUSE = 300;

const KINDS: Readonly<Record<Entry['kind'], { label: string; color: string }>> = {
  started: { label: 'Began', color: 'teal' },
  skipped: { label: 'Not let in', color: 'yellow' },
  ended: { label: 'Ended', color: 'blue' },
  missed: { label: 'Launch missed', color: 'red' },
};

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'When', render: (entry) => <At entry={entry} /> },
  {
    title: 'What',
    render: ({ kind }) => (
      <Badge className={looks.badge ?? ''} variant="light" color={KINDS[kind].color}>
        {KINDS[kind].label}
      </Badge>
    ),
  },
  { title: 'Contact', render: (entry) => <Who entry={entry} /> },
  { title: 'Why', from: 'sm', render: (entry) => <Text size="sm">{why(entry)}</Text> },
  { title: 'Event', from: 'md', render: (entry) => <What entry={entry} /> },
  { title: 'Last block', from: 'lg', render: ({ block }) => block ?? '–' },
  {
    title: 'Journey',
    from: 'sm',
    render: ({ journey_id }) =>
      journey_id === null ? (
        '–'
      ) : (
        <Anchor component={Link} to={`/journeys/${journey_id}`} inherit>
          Path
        </Anchor>
      ),
  },
];

/** Every start, refusal and end of the workflow, to be searched. */
export function HistoryTab({ workflow }: { workflow: Workflow }) {
  const [address, setAddress] = useSearchParams();
  const [filters, setFilters] = useState<Filters>(() => filtersOf(address));
  const filter = (next: Filters): void => {
    setFilters(next);
    setAddress(addressOf(next), { replace: true });
  };
  const [asked] = useDebouncedValue(filters, PAUSE);
  const query = usePages(
    ['workflows', 'history', workflow.key, asked],
    (cursor) =>
      ok(
        api.GET('/v1/workflows/{ref}/history', {
          params: {
            path: { ref: workflow.key },
            query: { ...queryOf(asked), ...(cursor !== undefined && { cursor }) },
          },
        }),
      ),
    { refetchInterval: EVERY },
  );
  const filtered = Object.keys(queryOf(asked)).length > 0;
  return (
    <div className={classes.scroll}>
      <HistoryFilters workflow={workflow} value={filters} onChange={filter} />
      <CursorTable
        label="History"
        query={query}
        columns={COLUMNS}
        rowKey={(entry) =>
          `${entry.kind} ${entry.at} ${entry.journey_id ?? entry.contact_id ?? entry.launch_id} ${entry.event?.id}`
        }
        empty={
          <EmptyState
            icon={IconHistory}
            title={filtered ? 'Nothing is like this' : 'Nothing happened yet'}
          >
            {filtered
              ? 'Take a filter away to see more.'
              : 'Everybody who is let in, refused, or comes to an end is written down here.'}
          </EmptyState>
        }
      />
    </div>
  );
}

/** When it was; on narrow screens it leads to the journey, too. */
function At({ entry: { at, journey_id } }: { entry: Entry }) {
  if (journey_id === null) return <When at={at} seconds />;
  return (
    <Anchor component={Link} to={`/journeys/${journey_id}`} inherit>
      <When at={at} seconds />
    </Anchor>
  );
}

function Who({ entry: { contact_id, userId } }: { entry: Entry }) {
  if (contact_id === null) return <>Everybody</>;
  return (
    <Anchor
      component={Link}
      to={`/contacts/${encodeURIComponent(userId ?? contact_id)}`}
      className={looks.name}
      inherit
    >
      {userId ?? 'Anonymous'}
    </Anchor>
  );
}

function why({ kind, reason, launch_id }: Entry): string {
  if (reason === null) return launch_id === null ? 'It matched' : 'A launch took it in';
  return kind === 'ended' ? endWords(reason) : refusalWords(reason);
}

function What({ entry: { event, key } }: { entry: Entry }) {
  const named = Object.entries(key ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
  return (
    <>
      {event === null ? '–' : (event.name ?? plain('its event is gone'))}
      {named.length > 0 && (
        <Text size="xs" c="dimmed">
          {named.join(', ')}
        </Text>
      )}
    </>
  );
}
