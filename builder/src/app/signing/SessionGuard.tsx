import { Container, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { useSessionLost, useSessionQuery } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';
import { Waiting } from '../Waiting';
import { SignInForm } from './SignInForm';

/** Shows what it holds to those who are signed in, and leads the others to the sign-in page. */
export function SessionGuard({ children }: { children: ReactNode }) {
  const query = useSessionQuery();
  const lost = useSessionLost();
  const { pathname, search } = useLocation();
  if (query.isPending) return <Waiting />;
  if (query.data === undefined) {
    return (
      <Container size="sm" py="xl">
        <ErrorState error={query.error} retry={query.refetch} />
      </Container>
    );
  }
  if (query.data === null) {
    return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  return (
    <>
      {children}
      {lost && <SignInAgain email={query.data.user.email} />}
    </>
  );
}

/** Over the page and not in place of it: what was being written stays. */
function SignInAgain({ email }: { email: string }) {
  return (
    <Modal opened onClose={() => {}} withCloseButton={false} title="Your session has ended">
      <Stack>
        <Text size="sm">Sign in again to go on; what you were doing is still here.</Text>
        <SignInForm email={email} same />
      </Stack>
    </Modal>
  );
}
