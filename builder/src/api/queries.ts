/** How queries behave: repeated only for passing faults, and failed changes are always shown. */

import { notifications } from '@mantine/notifications';
import {
  type InfiniteData,
  MutationCache,
  QueryCache,
  QueryClient,
  useInfiniteQuery,
} from '@tanstack/react-query';
import { onReturn } from './connection';
import { asProblem } from './problem';
import { loseSession } from './session';

declare module '@tanstack/react-query' {
  interface Register {
    /** `quiet`: the place that asked for the change shows the problem itself. */
    mutationMeta: { quiet?: boolean };
  }
}

const retry = (count: number, error: unknown) => count < 3 && asProblem(error).passing;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry, staleTime: 10_000, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
  queryCache: new QueryCache({ onError: noticeSignOut }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      noticeSignOut(error);
      if (!mutation.meta?.quiet) showProblem(error);
    },
  }),
});

onReturn(() => void queryClient.invalidateQueries());

function noticeSignOut(error: unknown): void {
  if (asProblem(error).status === 401) loseSession();
}

export interface Page<Row> {
  data: Row[];
  next?: string | null;
}

/** A list of the API page by page: `CursorTable` draws it. */
export function usePages<Row>(
  key: readonly unknown[],
  page: (cursor: string | undefined) => Promise<Page<Row>>,
  options: { enabled?: boolean; refetchInterval?: number } = {},
) {
  return useInfiniteQuery<
    Page<Row>,
    Error,
    InfiniteData<Page<Row>>,
    readonly unknown[],
    string | undefined
  >({
    queryKey: key,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    ...options,
  });
}

/** A problem as a notification: what is wrong and, item by item, where. */
export function showProblem(error: unknown): void {
  const problem = asProblem(error);
  const issues = problem.issues.map((issue) => `${issue.path}: ${issue.message}`);
  notifications.show({
    color: 'red',
    title: problem.title,
    message: [problem.detail, ...issues].join('\n'),
    autoClose: 10_000,
    style: { whiteSpace: 'pre-line' },
  });
}
