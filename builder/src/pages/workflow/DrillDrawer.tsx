import { Anchor, Drawer, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { Link } from 'react-router';
import { api, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import type { CountName } from '@/canvas/flow/NumbersRow';
import { CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { When } from '@/shared/When';

interface Props {
  workflow: string;
  version: number | null;
  drill: { readonly block: string; readonly state: CountName } | null;
  onClose: () => void;
}

const SAID: Readonly<Record<CountName, string>> = {
  entered: 'entered',
  waiting: 'are here now',
  sent: 'were sent to',
  opened: 'opened it',
  clicked: 'clicked',
  failed: 'could not be sent to',
  skipped: 'were not to be sent to',
};

/** The contacts behind a number of a block. */
export function DrillDrawer({ drill, onClose, ...rest }: Props) {
  return (
    <Drawer
      opened={drill !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={drill ? `${drill.block}: who ${SAID[drill.state]}` : ''}
    >
      {drill && <Contacts {...rest} {...drill} />}
    </Drawer>
  );
}

function Contacts({
  workflow,
  version,
  block,
  state,
}: Omit<Props, 'drill' | 'onClose'> & { block: string; state: CountName }) {
  const query = usePages(['workflows', 'behind', workflow, version, block, state], (cursor) =>
    ok(
      api.GET('/v1/workflows/{ref}/blocks/{block}/contacts', {
        params: {
          path: { ref: workflow, block },
          query: {
            state,
            ...(version !== null && { version }),
            ...(cursor !== undefined && { cursor }),
          },
        },
      }),
    ),
  );
  return (
    <CursorTable
      label="Contacts"
      query={query}
      rowKey={(row) => `${row.journey_id} ${row.at}`}
      empty={
        <EmptyState icon={IconUsers} title="Nobody">
          They may have moved on meanwhile.
        </EmptyState>
      }
      columns={[
        {
          title: 'Contact',
          render: (row) => (
            <Anchor
              component={Link}
              to={`/contacts/${encodeURIComponent(row.userId ?? row.contact_id)}`}
              inherit
            >
              {row.userId ?? row.email ?? 'Anonymous'}
            </Anchor>
          ),
        },
        { title: 'When', render: (row) => <When at={row.at} ago /> },
        {
          title: 'Outcome',
          from: 'sm',
          render: (row) => <Text size="sm">{row.detail ?? '–'}</Text>,
        },
        {
          title: 'Journey',
          render: (row) => (
            <Anchor component={Link} to={`/journeys/${row.journey_id}`} inherit>
              Path
            </Anchor>
          ),
        },
      ]}
    />
  );
}
