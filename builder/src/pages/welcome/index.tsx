import { Button, PasswordInput, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api, type Model, ok } from '@/api/client';
import { type Role, useBeginSession } from '@/api/session';
import { Door } from '@/app/signing/Door';
import { SHORTEST_PASSWORD } from '@/app/signing/password';
import { ErrorState } from '@/shared/ErrorState';

type Invitation = Model<'InvitationAnswer'>;

const MEANING: Record<Role, string> = {
  owner: 'You will be an owner: you may do everything, users and keys included.',
  editor: 'You will be an editor: you may change workflows, templates, segments and contacts.',
  viewer: 'You will be a viewer: you see everything and change nothing.',
};

/** Where a one-time link leads: the first start, an invitation, or a new password. */
export function Component() {
  const { token = '' } = useParams();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => ok(api.GET('/v1/invitations/{token}', { params: { path: { token } } })),
    staleTime: Infinity,
  });
  return (
    <Door title="Welcome">
      {invitation.isPending && <Skeleton h={330} />}
      {invitation.isError && <ErrorState error={invitation.error} retry={invitation.refetch} />}
      {invitation.data && <WelcomeForm invitation={invitation.data} token={token} />}
    </Door>
  );
}

function WelcomeForm({ invitation, token }: { invitation: Invitation; token: string }) {
  const navigate = useNavigate();
  const begin = useBeginSession();
  const [email, setEmail] = useState(invitation.email ?? '');
  const [name, setName] = useState(invitation.name);
  const [password, setPassword] = useState('');
  const accept = useMutation({
    mutationFn: () =>
      ok(
        api.POST('/v1/invitations/{token}', {
          params: { path: { token } },
          body: { name, password, ...(invitation.email === null ? { email } : {}) },
        }),
      ),
    meta: { quiet: true },
    onSuccess: (session) => {
      begin(session);
      void navigate('/', { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm" c="dimmed">
          {MEANING[invitation.role]}
        </Text>
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          readOnly={invitation.email !== null}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextInput
          label="Name"
          autoComplete="name"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <PasswordInput
          label="Password"
          description={`At least ${SHORTEST_PASSWORD} characters; a few words are easy to remember.`}
          autoComplete="new-password"
          required
          minLength={SHORTEST_PASSWORD}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {accept.isError && <ErrorState error={accept.error} />}
        <Button type="submit" loading={accept.isPending}>
          Go in
        </Button>
      </Stack>
    </form>
  );
}
