import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Model, ok } from '@/api/client';
import { isLayout } from '@/canvas/model/clipboard';
import { placed } from '@/canvas/model/layout';
import type { Definition, Drawing } from '@/canvas/model/types';

export type Journey = Model<'JourneyDetail'>;
export type Message = Model<'MessageAnswer'>;

const MINUTE = 60_000;

/** A journey; looked at again and again while it is under way. */
export function useJourney(id: string, every = 2_000) {
  return useQuery({
    queryKey: ['journeys', 'one', id],
    queryFn: () => ok(api.GET('/v1/journeys/{id}', { params: { path: { id } } })),
    // What was sent may be opened after the end.
    refetchInterval: ({ state: { data } }) => (data?.state === 'running' ? every : 15_000),
  });
}

/** Where the blocks of the journey's own version stand; a test of a draft takes the draft's. */
export function useDrawing(journey: Journey | undefined): Drawing | undefined {
  const version = journey?.version ?? null;
  const ref = journey?.workflow ?? '';
  const layout = useQuery({
    queryKey: ['workflows', 'layout', ref, version],
    enabled: journey !== undefined,
    staleTime: version === null ? 0 : Number.POSITIVE_INFINITY,
    queryFn: async () => (await layoutOf(ref, version)) ?? null,
  });
  if (!journey || layout.isPending) return undefined;
  return drawn(journey.definition, layout.data);
}

async function layoutOf(ref: string, version: number | null): Promise<unknown> {
  if (version === null) {
    return (await ok(api.GET('/v1/workflows/{ref}', { params: { path: { ref } } }))).layout;
  }
  const params = { path: { ref, version } };
  return (await ok(api.GET('/v1/workflows/{ref}/versions/{version}', { params }))).layout;
}

/** A definition of the API as the canvas draws it. */
export function drawn(held: Record<string, unknown>, layout: unknown): Drawing {
  const definition = held as unknown as Definition;
  return { definition, layout: placed(definition, isLayout(layout) ? layout : null) };
}

/** The contact's own zone, in which its dates are shown; null as long as it is not known. */
export function useContactZone(contact: string | null | undefined): string | null {
  const found = useQuery({
    queryKey: ['contacts', 'zone', contact],
    enabled: !!contact,
    staleTime: MINUTE,
    queryFn: async () => {
      const params = { path: { ref: contact ?? '' } };
      return (await ok(api.GET('/v1/contacts/{ref}', { params }))).timezone;
    },
  });
  return found.data ?? null;
}

export function useSettings() {
  return useQuery({
    queryKey: ['settings'],
    staleTime: MINUTE,
    queryFn: () => ok(api.GET('/v1/settings')),
  });
}

export function useStopJourney(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (detail: string) =>
      ok(
        api.POST('/v1/journeys/{id}/stop', {
          params: { path: { id } },
          body: detail ? { detail } : {},
        }),
      ),
    onSuccess: (journey) => {
      client.setQueryData(['journeys', 'one', id], journey);
      void client.invalidateQueries({ queryKey: ['journeys', 'list'] });
    },
  });
}

/** The blocks of a workflow as it is drawn now; none while no workflow is chosen. */
export function useBlockChoices(ref: string | null): string[] {
  const found = useQuery({
    queryKey: ['workflows', 'blocks', ref],
    enabled: ref !== null,
    staleTime: MINUTE,
    queryFn: async () => {
      const params = { path: { ref: ref ?? '' } };
      const { definition } = await ok(api.GET('/v1/workflows/{ref}', { params }));
      return (definition as unknown as Definition).blocks.map((block) => block.id);
    },
  });
  return found.data ?? [];
}

/** Contacts whose id, address or name has this text, the newest first. */
export function useContactSearch(text: string) {
  return useQuery({
    queryKey: ['contacts', 'search', text],
    staleTime: 10_000,
    placeholderData: (before) => before,
    queryFn: async () => {
      const query = { limit: 10, ...(text && { search: text }) };
      return (await ok(api.GET('/v1/contacts', { params: { query } }))).data;
    },
  });
}
