/** Launches of workflows for the members of a segment. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Model, ok } from './client';
import { usePages } from './queries';

export type Launch = Model<'LaunchAnswer'>;
export type LaunchState = Launch['state'];

const EVERY_MS = 2_000;

export interface LaunchesOf {
  workflow: string | null;
  state: LaunchState | null;
}

/** Launches, the one begun last first. */
export function useLaunches({ workflow, state }: LaunchesOf) {
  const asked = { ...(workflow && { workflow }), ...(state && { state }) };
  return usePages<Launch>(
    ['launches', 'list', asked],
    (cursor) =>
      ok(api.GET('/v1/launches', { params: { query: { ...asked, ...(cursor && { cursor }) } } })),
    { refetchInterval: 2 * EVERY_MS },
  );
}

/** A launch, asked for again until it has ended. */
export function useLaunch(id: string) {
  return useQuery({
    queryKey: ['launches', 'one', id],
    queryFn: () => ok(api.GET('/v1/launches/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => {
      const launch = state.data;
      // Members that were taken are decided on a moment later.
      const settled = launch && launch.state !== 'running' && !launch.left;
      return settled ? false : EVERY_MS;
    },
  });
}

export interface LaunchWish {
  workflow: string;
  segment: string | null;
  spread: string | null;
  rate: number | null;
  /** The same for calls that mean the same launch: pressing twice launches once. */
  key: string;
}

export function useLaunchWorkflow() {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: ({ workflow, segment, spread, rate, key }: LaunchWish) =>
      ok(
        api.POST('/v1/workflows/{ref}/launch', {
          params: { path: { ref: workflow }, header: { 'Idempotency-Key': key } },
          body: { segment, spread, rate },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['launches'] }),
  });
}

export function useStopLaunch() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, detail }: { id: string; detail: string | null }) =>
      ok(api.POST('/v1/launches/{id}/stop', { params: { path: { id } }, body: { detail } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['launches'] }),
  });
}
