/** Who is signed in, and what they may do. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api, type Model, ok, setCsrfToken } from './client';
import { asProblem } from './problem';

export type Session = Model<'SessionAnswer'>;
export type Role = Session['user']['role'];

/** `edit` changes what marketers make; `own` manages users, keys and settings. */
export type Right = 'edit' | 'own';

const RIGHTS: Record<Role, readonly Right[]> = {
  owner: ['edit', 'own'],
  editor: ['edit'],
  viewer: [],
};

export const may = (role: Role, right: Right): boolean => RIGHTS[role].includes(right);

export const SESSION = ['session'] as const;

export function useSessionQuery() {
  return useQuery({ queryKey: SESSION, queryFn: readSession, staleTime: 60_000 });
}

/** The session of a page inside the shell, which shows nothing without one. */
export function useSession(): Session {
  const session = useSessionQuery().data;
  if (session == null) throw new Error('This part of the page needs somebody signed in.');
  return session;
}

/** Whether the user may do this; controls that they may not use are hidden or disabled. */
export function useMay(right: Right): boolean {
  const session = useSessionQuery().data;
  return session != null && may(session.user.role, right);
}

/** Starts a session with what the server answered to a sign-in. */
export function useBeginSession(): (session: Session) => void {
  const client = useQueryClient();
  return (session) => {
    setCsrfToken(session.csrf_token);
    client.setQueryData(SESSION, session);
    change(false);
    void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });
  };
}

export async function signOut(): Promise<void> {
  await ok(api.DELETE('/v1/session'));
  // A full load: nothing of what this user saw stays in memory.
  window.location.assign('/sign-in');
}

/** Null when nobody is signed in. */
async function readSession(): Promise<Session | null> {
  try {
    const session = await ok(api.GET('/v1/session'));
    setCsrfToken(session.csrf_token);
    return session;
  } catch (error) {
    if (asProblem(error).status === 401) return null;
    throw error;
  }
}

let lost = false;
const listeners = new Set<() => void>();

/** The server knows this session no more; the shell asks to sign in over the page that is open. */
export function loseSession(): void {
  if (!lost) change(true);
}

export function useSessionLost(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => lost,
  );
}

function change(to: boolean): void {
  lost = to;
  for (const listener of listeners) listener();
}
