import { Badge, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconRoute, IconSparkles } from '@tabler/icons-react';
import { useState } from 'react';
import { api, type Model, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import { useMay } from '@/api/session';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { CreateDialog } from './CreateDialog';
import { GalleryDialog } from './gallery/GalleryDialog';

type Workflow = Model<'WorkflowListed'>;
type State = Workflow['state'];

/** Where a list of workflows counts no further. */
const MANY = 10_000;

const STATES: Record<State, { label: string; color: string }> = {
  draft: { label: 'Draft', color: 'gray' },
  active: { label: 'Running', color: 'teal' },
  paused: { label: 'Paused', color: 'yellow' },
  archived: { label: 'Archived', color: 'gray' },
};

const COLUMNS: readonly Column<Workflow>[] = [
  { title: 'Name', render: (workflow) => workflow.name },
  {
    title: 'State',
    width: 110,
    render: ({ state }) => (
      <Badge color={STATES[state].color} variant="light">
        {STATES[state].label}
      </Badge>
    ),
  },
  {
    title: 'In it now',
    numeric: true,
    width: 100,
    render: ({ running }) =>
      running >= MANY ? `${MANY.toLocaleString('en')}+` : running.toLocaleString('en'),
  },
  {
    title: 'Version',
    from: 'sm',
    numeric: true,
    width: 90,
    render: ({ version }) => version ?? '–',
  },
  {
    title: 'Key',
    from: 'md',
    render: ({ key }) => (
      <Text span inherit ff="monospace" size="sm" c="dimmed">
        {key}
      </Text>
    ),
  },
  {
    title: 'Changed',
    from: 'sm',
    width: 150,
    render: ({ updated_at }) => <When at={updated_at} ago />,
  },
];

/** All workflows: what runs, how many are in it, and the way to a new one. */
export function Component() {
  const [state, setState] = useState<State | 'all'>('all');
  const [creating, { open, close }] = useDisclosure(false);
  const [browsing, gallery] = useDisclosure(false);
  const mayEdit = useMay('edit');
  const query = usePages(['workflows', 'list', state], (cursor) =>
    ok(
      api.GET('/v1/workflows', {
        params: { query: { ...(state === 'all' ? {} : { state }), ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  const create = mayEdit && (
    <Group gap="xs" justify="center">
      <Button variant="default" leftSection={<IconSparkles size={16} />} onClick={gallery.open}>
        Ready workflows
      </Button>
      <Button leftSection={<IconPlus size={16} />} onClick={open}>
        New workflow
      </Button>
    </Group>
  );
  return (
    <>
      <PageHeader
        title="Workflows"
        description="What is sent to whom, when, and what ends it."
        actions={create}
      />
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Show workflows that are"
          w="fit-content"
          maw="100%"
          size="xs"
          value={state}
          onChange={(value) => setState(value as State | 'all')}
          data={[
            { value: 'all', label: 'All' },
            ...Object.entries(STATES).map(([value, { label }]) => ({ value, label })),
          ]}
        />
        <CursorTable
          label="Workflows"
          query={query}
          columns={COLUMNS}
          rowKey={(workflow) => workflow.id}
          to={(workflow) => `/workflows/${workflow.key}`}
          empty={
            state === 'all' ? (
              <EmptyState icon={IconRoute} title="No workflow yet" action={create}>
                A workflow sends messages to contacts when something happens, and stops as soon as
                they did what it is for. Start from a ready one or from an empty drawing.
              </EmptyState>
            ) : (
              <EmptyState
                icon={IconRoute}
                title="No workflow is in this state"
                action={
                  <Button variant="default" onClick={() => setState('all')}>
                    Show all
                  </Button>
                }
              />
            )
          }
        />
      </Stack>
      <CreateDialog opened={creating} onClose={close} />
      <GalleryDialog opened={browsing} onClose={gallery.close} />
    </>
  );
}
