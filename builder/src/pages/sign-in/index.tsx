import { Alert } from '@mantine/core';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { useSessionQuery } from '@/api/session';
import { Door } from '@/app/signing/Door';
import { SignInForm, useSignInOptions } from '@/app/signing/SignInForm';
import { insidePath } from './inside-path';

export function Component() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const session = useSessionQuery().data;
  const options = useSignInOptions().data;
  const next = insidePath(search.get('next'));
  if (session) return <Navigate to={next} replace />;
  const refused = search.get('error');
  return (
    <Door title="Sign in">
      {refused && (
        <Alert color="red" role="alert" title="Signing in did not work">
          {refused}
        </Alert>
      )}
      {options?.first_start ? (
        <Alert color="petrol" title="Nobody has an account yet">
          Open the one-time link that Sojourn printed when it started; it makes the first owner.
          Lost it? <code>sojourn users invite you@example.com --role owner</code> prints another.
        </Alert>
      ) : (
        <SignInForm onDone={() => navigate(next, { replace: true })} />
      )}
    </Door>
  );
}
