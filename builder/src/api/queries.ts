/** How queries behave: repeated only for passing faults, and failed changes are always shown. */

import { notifications } from '@mantine/notifications';
import { MutationCache, QueryClient } from '@tanstack/react-query';
import { asProblem } from './problem';

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
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      if (!mutation.meta?.quiet) showProblem(error);
    },
  }),
});

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
