import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import { api, type Model, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import { useMay, useSession } from '@/api/session';
import { CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { InviteDialog } from './InviteDialog';
import { RoleSelect } from './RoleSelect';
import { UserActions } from './UserActions';

export type User = Model<'UserAnswer'>;

/** Who may come in, and what they may do. */
export function Component() {
  const { user: self } = useSession();
  const mayOwn = useMay('own');
  const [inviting, { open, close }] = useDisclosure(false);
  const query = usePages(['users'], () => ok(api.GET('/v1/users')));
  return (
    <>
      <PageHeader
        title="Users"
        description="Viewers see everything, editors change what is sent, owners manage users and keys, too."
        actions={
          mayOwn && (
            <Button leftSection={<IconUserPlus size={16} />} onClick={open}>
              Invite
            </Button>
          )
        }
      />
      <CursorTable
        label="Users"
        query={query}
        rowKey={(user) => user.id}
        columns={[
          { title: 'Name', render: (user) => user.name || user.email },
          { title: 'E-mail', from: 'sm', render: (user) => user.email },
          {
            title: 'Role',
            width: 130,
            render: (user) => <RoleSelect user={user} fixed={!mayOwn || user.id === self.id} />,
          },
          {
            title: 'Last seen',
            from: 'md',
            render: (user) =>
              user.state === 'invited' ? 'invited' : <When at={user.last_seen_at} ago />,
          },
          {
            title: 'Actions',
            width: 90,
            render: (user) => mayOwn && user.id !== self.id && <UserActions user={user} />,
          },
        ]}
        empty={<EmptyState icon={IconUsers} title="No user yet" />}
      />
      <InviteDialog opened={inviting} onClose={close} />
    </>
  );
}
