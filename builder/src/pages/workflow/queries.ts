/** What the page of a workflow reads and changes. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Model, ok } from '@/api/client';
import { asProblem } from '@/api/problem';
import { isLayout } from '@/canvas/model/clipboard';
import { placed } from '@/canvas/model/layout';
import type { Definition, Drawing } from '@/canvas/model/types';
import type { Unsent } from './autosave';

export type Workflow = Model<'WorkflowAnswer'>;
export type Version = Model<'VersionAnswer'>;

const key = (ref: string) => ['workflows', 'one', ref] as const;

export const readWorkflow = (ref: string): Promise<Workflow> =>
  ok(api.GET('/v1/workflows/{ref}', { params: { path: { ref } } }));

export function useWorkflow(ref: string) {
  return useQuery({
    queryKey: key(ref),
    queryFn: () => readWorkflow(ref),
    refetchInterval: 30_000,
  });
}

/** The draft or a version as the canvas draws it. */
export function drawingOf(held: {
  definition: Record<string, unknown>;
  layout?: unknown;
}): Drawing {
  // The server checks the shape of what it stores; what it does not know is kept as it is.
  const definition = held.definition as unknown as Definition;
  return { definition, layout: placed(definition, isLayout(held.layout) ? held.layout : null) };
}

/** Save a draft on the revision it was drawn on. */
export async function saveDraft(ref: string, { drawing, revision }: Unsent): Promise<Workflow> {
  const layout = Object.fromEntries(
    Object.entries(drawing.layout).map(([id, point]) => [id, [...point]]),
  );
  const body = { definition: { ...drawing.definition }, layout, revision };
  try {
    return await ok(
      api.PUT('/v1/workflows/{ref}', {
        params: { path: { ref }, query: { check: 'later' } },
        body,
      }),
    );
  } catch (error) {
    if (asProblem(error).status !== 409) throw error;
    // The answer to an earlier try may have been lost on its way: then what is there is this draft.
    const present = await readWorkflow(ref);
    if (present.revision === revision + 1 && same(present.definition, drawing.definition))
      return present;
    throw error;
  }
}

/** Equal as JSON, whatever the order of fields. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function useStore(ref: string): (workflow: Workflow) => void {
  const client = useQueryClient();
  return (workflow) => {
    client.setQueryData(key(ref), workflow);
    void client.invalidateQueries({ queryKey: ['workflows', 'list'] });
  };
}

export function useVersions(ref: string) {
  return useQuery({
    queryKey: ['workflows', 'versions', ref],
    queryFn: async () => {
      const params = { path: { ref }, query: { limit: 50 } };
      return (await ok(api.GET('/v1/workflows/{ref}/versions', { params }))).data;
    },
  });
}

/** Publishing, pausing and the like; the page shows the workflow as it is afterwards. */
export function useChangeState(ref: string) {
  const client = useQueryClient();
  const params = { path: { ref } };
  return useMutation({
    mutationFn: async (change: 'pause' | 'resume' | 'archive') => {
      if (change === 'pause') return ok(api.POST('/v1/workflows/{ref}/pause', { params }));
      if (change === 'resume') return ok(api.POST('/v1/workflows/{ref}/resume', { params }));
      return ok(api.POST('/v1/workflows/{ref}/archive', { params }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['workflows'] }),
  });
}

export function usePublish(ref: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (revision: number) =>
      ok(
        api.POST('/v1/workflows/{ref}/publish', {
          params: { path: { ref }, header: { 'if-match': `"${revision}"` } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['workflows'] }),
  });
}
