import { Anchor, Autocomplete, Badge, Checkbox, Select, Text } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import { useWorkflowChoices } from '@/api/choices';
import { api, type Model, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { ContactSelect } from './ContactSelect';
import { contactRef } from './Facts';
import classes from './Filters.module.css';
import { useBlockChoices } from './queries';
import { endWords, type JourneyState, STATES } from './words';

type Row = Model<'JourneyAnswer'>;

const EVERY = 5_000;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Journey', render: (row) => <When at={row.started_at} /> },
  {
    title: 'Contact',
    render: (row) => (
      <Anchor
        component={Link}
        to={`/contacts/${encodeURIComponent(contactRef(row))}`}
        className={classes.name}
        inherit
      >
        {row.userId ?? 'Anonymous'}
      </Anchor>
    ),
  },
  {
    title: 'State',
    render: ({ state }) => (
      <Badge className={classes.badge ?? ''} variant="light" color={STATES[state].color}>
        {STATES[state].label}
      </Badge>
    ),
  },
  {
    title: 'Workflow',
    from: 'sm',
    render: ({ workflow, version }) => (
      <>
        {workflow}{' '}
        <Text span size="xs" c="dimmed">
          {version === null ? 'draft' : `v${version}`}
        </Text>
      </>
    ),
  },
  {
    title: 'Where, or why it ended',
    from: 'md',
    render: ({ block, reason }) => (reason ? endWords(reason) : (block ?? 'about to begin')),
  },
  {
    title: 'Goes on',
    from: 'lg',
    render: ({ state, due_at, parked }) =>
      parked ? 'when resumed' : state === 'running' ? <When at={due_at} ago /> : '–',
  },
];

/** Journeys of all workflows; the address holds the filters, so that a view can be shared. */
export function Component() {
  const [search, setSearch] = useSearchParams();
  const workflow = search.get('workflow');
  const state = search.get('state') as JourneyState | null;
  const contact = search.get('contact');
  const block = search.get('block');
  const test = search.get('test') === 'true';
  const set = (changes: Record<string, string | null>): void =>
    setSearch(
      (before) => {
        for (const [name, value] of Object.entries(changes)) {
          if (value) before.set(name, value);
          else before.delete(name);
        }
        return before;
      },
      { replace: true },
    );
  const query = usePages(
    ['journeys', 'list', workflow, state, contact, block, test],
    (cursor) =>
      ok(
        api.GET('/v1/journeys', {
          params: {
            query: {
              ...(workflow && { workflow }),
              ...(state && { state }),
              ...(contact && { contact }),
              ...(block && { block }),
              ...(test && { test }),
              ...(cursor !== undefined && { cursor }),
            },
          },
        }),
      ),
    { refetchInterval: EVERY },
  );
  const filtered = [workflow, state, contact, block].some(Boolean) || test;
  return (
    <>
      <PageHeader
        title="Journeys"
        description="One contact’s run through one workflow: where it is, and why it ended."
      />
      <div className={classes.filters}>
        <Select
          label="Workflow"
          placeholder="All"
          size="xs"
          data={useWorkflowChoices().data ?? []}
          value={workflow}
          searchable
          clearable
          onChange={(value) => set({ workflow: value, block: null })}
        />
        <Select
          label="State"
          placeholder="All"
          size="xs"
          data={Object.entries(STATES).map(([value, { label }]) => ({ value, label }))}
          value={state}
          clearable
          onChange={(value) => set({ state: value })}
        />
        <ContactSelect
          label="Contact"
          placeholder="All"
          size="xs"
          value={contact}
          onChange={(value) => set({ contact: value })}
        />
        <Autocomplete
          label="Is now in block"
          placeholder="Any"
          size="xs"
          data={useBlockChoices(workflow)}
          value={block ?? ''}
          onChange={(value) => set({ block: value.trim() || null })}
        />
        <Checkbox
          label="Tests only"
          size="xs"
          mb={8}
          checked={test}
          onChange={(event) => set({ test: event.currentTarget.checked ? 'true' : null })}
        />
      </div>
      <CursorTable
        label="Journeys"
        query={query}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        to={(row) => `/journeys/${row.id}`}
        empty={
          <EmptyState
            icon={IconRoute}
            title={filtered ? 'No journey is like this' : 'No journey yet'}
          >
            {filtered
              ? 'Take a filter away to see more.'
              : 'A journey begins when somebody does what starts a running workflow.'}
          </EmptyState>
        }
      />
    </>
  );
}
