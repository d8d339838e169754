/** Caught messages. Their routes exist only in development and are no part of the API's document. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { watchedFetch } from '@/api/connection';
import { asProblem, problemOf } from '@/api/problem';

export interface Caught {
  id: string;
  channel: string;
  sender: string | null;
  to: string;
  subject: string | null;
  text: string | null;
  received_at: string;
}

export interface CaughtDetail extends Caught {
  headers: Record<string, string>;
  has_html: boolean;
  has_source: boolean;
}

export const SHOWN = 200;
const EVERY_MS = 2_000;
const ALL = ['inbox'] as const;

async function call(method: string, path: string): Promise<Response> {
  const response = await watchedFetch(new Request(path, { method, cache: 'no-store' }));
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  throw problemOf(response.status, body);
}

/** There is no inbox here, as in every production. */
export const isOff = (error: unknown): boolean => asProblem(error).status === 404;

export function useCaught(channel: string | null, search: string) {
  return useQuery({
    queryKey: [...ALL, 'list', channel, search],
    queryFn: async () => {
      const query = new URLSearchParams({ limit: String(SHOWN) });
      if (channel) query.set('channel', channel);
      if (search) query.set('search', search);
      const answer = await call('GET', `/inbox/messages.json?${query}`);
      return ((await answer.json()) as { data: Caught[] }).data;
    },
    refetchInterval: (query) => (query.state.error && isOff(query.state.error) ? false : EVERY_MS),
    placeholderData: keepPreviousData,
  });
}

export function useCaughtOne(id: string) {
  return useQuery({
    queryKey: [...ALL, 'one', id],
    queryFn: async () => {
      const answer = await call('GET', `/inbox/${id}/message.json`);
      return (await answer.json()) as CaughtDetail;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useSource(id: string) {
  return useQuery({
    queryKey: [...ALL, 'source', id],
    queryFn: async () => (await call('GET', `/inbox/${id}/raw`)).text(),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Forgets one message; without an id, all of them. */
export function useForget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string | null) => call('DELETE', id === null ? '/inbox' : `/inbox/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: [...ALL, 'list'] }),
  });
}
