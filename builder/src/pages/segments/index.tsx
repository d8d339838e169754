import { Button, Text } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import { type SegmentSummary, useSegmentPages } from '@/api/segments';
import { useMay } from '@/api/session';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { CountCell, UsesCell } from './cells';
import { NewSegment } from './NewSegment';
import { StateBadge } from './StateBadge';

const COLUMNS: readonly Column<SegmentSummary>[] = [
  { title: 'Name', render: (one) => one.name },
  {
    title: 'Key',
    from: 'md',
    render: (one) => (
      <Text span size="xs" ff="monospace">
        {one.key}
      </Text>
    ),
  },
  { title: 'State', render: (one) => <StateBadge segment={one} />, width: 170 },
  { title: 'Members', numeric: true, width: 100, render: (one) => <CountCell segment={one} /> },
  { title: 'Used by', from: 'sm', width: 190, render: (one) => <UsesCell segment={one} /> },
  { title: 'Changed', from: 'lg', width: 140, render: (one) => <When at={one.updated_at} ago /> },
];

/** All segments; `?new` makes one. */
export function Component() {
  const [search] = useSearchParams();
  return search.has('new') ? <NewSegment /> : <SegmentList />;
}

function SegmentList() {
  const query = useSegmentPages();
  const mayEdit = useMay('edit');
  const create = mayEdit && (
    <Button component={Link} to="/segments?new" leftSection={<IconPlus size={16} />}>
      New segment
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Segments"
        description="Groups of contacts, by conditions that follow the data or as lists that you keep."
        actions={create}
      />
      <CursorTable
        label="Segments"
        query={query}
        columns={COLUMNS}
        rowKey={(one) => one.id}
        to={(one) => `/segments/${encodeURIComponent(one.key)}`}
        empty={
          <EmptyState icon={IconUsersGroup} title="No segments yet" action={create}>
            A segment is a saved set of conditions, such as “premium and trained this week”. Use it
            in workflows, or look at who is in it.
          </EmptyState>
        }
      />
    </>
  );
}
