import { Button, Divider, PasswordInput, Skeleton, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, ok } from '@/api/client';
import { useBeginSession } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';

interface SignInFormProps {
  email?: string;
  /** Only that user may go on here; anybody else gets a fresh page. */
  same?: boolean;
  onDone?: () => void;
}

export function useSignInOptions() {
  return useQuery({
    queryKey: ['sign-in'],
    queryFn: () => ok(api.GET('/v1/sign-in')),
  });
}

/** E-mail and password, or the company's own sign-in. */
export function SignInForm({ email: known = '', same = false, onDone }: SignInFormProps) {
  const options = useSignInOptions();
  const begin = useBeginSession();
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => ok(api.POST('/v1/session', { body: { email, password } })),
    meta: { quiet: true },
    onSuccess: (session) => {
      if (same && session.user.email.toLowerCase() !== known.toLowerCase()) {
        window.location.assign('/');
        return;
      }
      begin(session);
      onDone?.();
    },
  });
  if (options.isPending) return <Skeleton h={190} />;
  if (options.isError) return <ErrorState error={options.error} retry={options.refetch} />;
  const { oidc, password: withPassword } = options.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Stack>
      {withPassword && (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              data-autofocus
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
            {signIn.isError && <ErrorState error={signIn.error} />}
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
          </Stack>
        </form>
      )}
      {withPassword && oidc && <Divider label="or" />}
      {oidc && (
        <Button component="a" href={oidc.url} variant={withPassword ? 'default' : 'filled'}>
          Sign in with {oidc.name}
        </Button>
      )}
    </Stack>
  );
}
