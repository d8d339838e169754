import { ActionIcon, Badge, Button, Code, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type Model, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import { useMay } from '@/api/session';
import { CursorTable } from '@/shared/CursorTable';
import { confirm } from '@/shared/confirm';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { KeyDialog } from './KeyDialog';

type Key = Model<'KeyAnswer'>;

/** What programs show to the API. */
export function Component() {
  const [making, { open, close }] = useDisclosure(false);
  const mayOwn = useMay('own');
  const query = usePages(['keys'], (cursor) =>
    ok(api.GET('/v1/keys', { params: { query: cursor ? { cursor } : {} } })),
  );
  const make = mayOwn && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      New key
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Keys"
        description="A write key lets apps send events; a secret key lets servers do everything."
        actions={make}
      />
      <CursorTable
        label="Keys"
        query={query}
        rowKey={(key) => key.id}
        columns={[
          { title: 'Name', render: (key) => <Name of={key} /> },
          {
            title: 'Kind',
            width: 100,
            render: (key) => (key.kind === 'write' ? 'Write' : 'Secret'),
          },
          { title: 'Begins with', from: 'sm', render: (key) => <Code>{key.prefix}…</Code> },
          { title: 'Made', from: 'md', render: (key) => <When at={key.created_at} /> },
          { title: 'Last used', from: 'sm', render: (key) => <When at={key.last_used_at} ago /> },
          {
            title: 'Revoke',
            width: 90,
            render: (key) => mayOwn && !key.revoked_at && <Revoke of={key} />,
          },
        ]}
        empty={
          <EmptyState icon={IconKey} title="No key yet" action={make}>
            Make a write key for your app, and a secret key for your servers.
          </EmptyState>
        }
      />
      <KeyDialog opened={making} onClose={close} />
    </>
  );
}

function Name({ of: key }: { of: Key }) {
  if (!key.revoked_at) return key.name;
  return (
    <>
      <Text span inherit c="dimmed" td="line-through">
        {key.name}
      </Text>{' '}
      <Badge size="sm" color="gray" variant="light">
        revoked
      </Badge>
    </>
  );
}

function Revoke({ of: key }: { of: Key }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => ok(api.DELETE('/v1/keys/{id}', { params: { path: { id: key.id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['keys'] }),
  });
  const ask = async () => {
    const sure = await confirm({
      title: `Revoke ${key.name}?`,
      children: 'Whatever uses it is refused from then on. This cannot be undone.',
      action: 'Revoke',
      danger: true,
    });
    if (sure) revoke.mutate();
  };
  return (
    <Tooltip label="Revoke">
      <ActionIcon
        variant="subtle"
        color="red"
        loading={revoke.isPending}
        onClick={() => void ask()}
        aria-label={`Revoke ${key.name}`}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
