import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconLink, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ok } from '@/api/client';
import { confirm } from '@/shared/confirm';
import type { User } from '.';
import { OneTimeLink } from './OneTimeLink';

/** A new link for who lost the password or the invitation, and the way out. */
export function UserActions({ user }: { user: User }) {
  const client = useQueryClient();
  const path = { params: { path: { id: user.id } } };
  const name = user.name || user.email;
  const link = useMutation({
    mutationFn: () => ok(api.POST('/v1/users/{id}/link', path)),
    onSuccess: ({ link }) =>
      modals.open({ title: `A link for ${name}`, children: <OneTimeLink link={link} /> }),
  });
  const remove = useMutation({
    mutationFn: () => ok(api.DELETE('/v1/users/{id}', path)),
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
  const ask = async () => {
    const sure = await confirm({
      title: `Remove ${name}?`,
      children: 'They are signed out everywhere at once. What they made stays.',
      action: 'Remove',
      danger: true,
    });
    if (sure) remove.mutate();
  };
  const again = user.state === 'invited' ? 'New invitation' : 'Link for a new password';
  return (
    <Group gap={4} wrap="nowrap">
      <Tooltip label={again}>
        <ActionIcon
          variant="subtle"
          color="gray"
          loading={link.isPending}
          onClick={() => link.mutate()}
          aria-label={`${again}: ${name}`}
        >
          <IconLink size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Remove">
        <ActionIcon
          variant="subtle"
          color="red"
          loading={remove.isPending}
          onClick={() => void ask()}
          aria-label={`Remove ${name}`}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
