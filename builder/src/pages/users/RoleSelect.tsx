import { Select, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ok } from '@/api/client';
import type { Role } from '@/api/session';
import type { User } from '.';
import { ROLES } from './roles';

/** A user's role; owners change that of others. */
export function RoleSelect({ user, fixed }: { user: User; fixed: boolean }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) =>
      ok(api.PATCH('/v1/users/{id}', { params: { path: { id: user.id } }, body: { role } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
  if (fixed) {
    return <Text inherit>{ROLES.find((role) => role.value === user.role)?.label}</Text>;
  }
  return (
    <Select
      aria-label={`Role of ${user.name || user.email}`}
      size="xs"
      data={ROLES}
      value={change.isPending ? change.variables : user.role}
      allowDeselect={false}
      disabled={change.isPending}
      onChange={(role) => role !== null && change.mutate(role as Role)}
    />
  );
}
