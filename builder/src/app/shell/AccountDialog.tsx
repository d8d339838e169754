import { Button, Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, type Model, ok } from '@/api/client';
import { useBeginSession, useSession } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';
import { SHORTEST_PASSWORD } from '../signing/password';

/** The user's own name and password. */
export function AccountDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Your account">
      <AccountForm onDone={onClose} />
    </Modal>
  );
}

function AccountForm({ onDone }: { onDone: () => void }) {
  const { user } = useSession();
  const begin = useBeginSession();
  const [name, setName] = useState(user.name);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const save = useMutation({
    mutationFn: (body: Model<'OwnChange'>) => ok(api.PATCH('/v1/session/user', { body })),
    meta: { quiet: true },
    onSuccess: (session) => {
      begin(session);
      notifications.show({ message: 'Your account is saved.' });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, ...(password ? { password, current_password: current } : {}) });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.target.value)} />
        <PasswordInput
          label="New password"
          description="Leave it empty to keep the one you have. A new one ends your other sessions."
          autoComplete="new-password"
          minLength={SHORTEST_PASSWORD}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {password && (
          <PasswordInput
            label="Current password"
            required
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        )}
        {save.isError && <ErrorState error={save.error} />}
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
      </Stack>
    </form>
  );
}
