import { Badge, Button, Group, Select, Text } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useWorkflowChoices } from '@/api/choices';
import { type Launch, type LaunchState, useLaunches } from '@/api/launches';
import { useMay } from '@/api/session';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { LaunchDialog } from './LaunchDialog';
import { LaunchDrawer } from './LaunchDrawer';
import { count, KINDS, STATES, skippedCount } from './words';

const CHOICES = Object.entries(STATES).map(([value, { label }]) => ({ value, label }));

const COLUMNS: readonly Column<Launch>[] = [
  { title: 'Workflow', render: ({ workflow }) => workflow },
  { title: 'Segment', from: 'sm', render: ({ segment }) => segment ?? 'deleted since' },
  { title: 'Begun', from: 'md', width: 130, render: ({ kind }) => KINDS[kind] },
  { title: 'State', width: 120, render: (launch) => <State of={launch} /> },
  { title: 'Started', numeric: true, width: 100, render: ({ started }) => count(started) },
  {
    title: 'Skipped',
    from: 'sm',
    numeric: true,
    width: 100,
    render: (launch) => count(skippedCount(launch)),
  },
  { title: 'When', from: 'sm', width: 170, render: ({ started_at }) => <When at={started_at} /> },
];

/** Workflows started for many at once. */
export function Component() {
  const [params, setParams] = useSearchParams();
  const [launching, setLaunching] = useState(false);
  const mayEdit = useMay('edit');
  const workflow = params.get('workflow');
  const state = params.get('state') as LaunchState | null;
  const shown = params.get('launch');
  const workflows = useWorkflowChoices();
  const query = useLaunches({ workflow, state });

  const address = (name: string, value: string | null): URLSearchParams => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    return next;
  };
  const set = (name: string, value: string | null): void =>
    setParams(address(name, value), { replace: true });
  const launch = mayEdit && (
    <Button leftSection={<IconRocket size={16} />} onClick={() => setLaunching(true)}>
      Launch a workflow
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Launches"
        description="Workflows that were started for everybody in a segment, by hand, on schedule or by an event."
        actions={launch}
      />
      <Group mb="md" gap="sm">
        <Select
          aria-label="Workflow"
          placeholder="Any workflow"
          data={workflows.data ?? []}
          value={workflow}
          onChange={(value) => set('workflow', value)}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Any workflow' }}
          nothingFoundMessage="No such workflow"
          w={{ base: '100%', xs: 240 }}
        />
        <Select
          aria-label="State"
          placeholder="Any state"
          data={CHOICES}
          value={state}
          onChange={(value) => set('state', value)}
          clearable
          clearButtonProps={{ 'aria-label': 'Any state' }}
          w={{ base: '100%', xs: 160 }}
        />
      </Group>
      <CursorTable
        label="Launches"
        query={query}
        rowKey={(one) => one.id}
        to={({ id }) => `?${address('launch', id)}`}
        columns={COLUMNS}
        empty={
          <EmptyState icon={IconRocket} title="No launch" action={launch}>
            {workflow || state
              ? 'None fits what you chose.'
              : 'A launch starts a published workflow for everybody who is in a segment now.'}
          </EmptyState>
        }
      />
      {shown !== null && <LaunchDrawer id={shown} onClose={() => set('launch', null)} />}
      <LaunchDialog
        opened={launching}
        onClose={() => setLaunching(false)}
        onLaunched={({ id }) => set('launch', id)}
      />
    </>
  );
}

function State({ of: { state, held, left } }: { of: Launch }) {
  return (
    <>
      <Badge variant="light" color={STATES[state].color} tt="none">
        {held ? 'Held' : STATES[state].label}
      </Badge>
      {state === 'running' && left !== null && (
        <Text size="xs" c="dimmed">
          {count(left)} left
        </Text>
      )}
    </>
  );
}
