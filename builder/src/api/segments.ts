/** Segments: reading and changing them, their members and who came and went. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Model, ok } from './client';
import { usePages } from './queries';

export type Segment = Model<'SegmentAnswer'>;
export type SegmentSummary = Model<'SegmentSummary'>;
export type SegmentUses = Model<'SegmentUsesAnswer'>;

const WHILE_BACKFILLED = 2_000;
const path = (ref: string) => ({ params: { path: { ref } } });
const page = (cursor: string | undefined) => ({ limit: 50, ...(cursor && { cursor }) });

export const useSegmentPages = () =>
  usePages(['segments', 'list'], (cursor) =>
    ok(api.GET('/v1/segments', { params: { query: page(cursor) } })),
  );

/** A segment with its count; asked for again and again while it is backfilled. */
export function useSegment(ref: string) {
  return useQuery({
    queryKey: ['segments', 'one', ref],
    queryFn: () => ok(api.GET('/v1/segments/{ref}', path(ref))),
    refetchInterval: ({ state }) =>
      state.data?.state === 'backfilling' ? WHILE_BACKFILLED : false,
  });
}

export function useSegmentUses(ref: string) {
  return useQuery({
    queryKey: ['segments', 'uses', ref],
    queryFn: () => ok(api.GET('/v1/segments/{ref}/uses', path(ref))),
  });
}

export const useMembers = (ref: string, enabled: boolean) =>
  usePages(
    ['segments', 'members', ref],
    (cursor) =>
      ok(
        api.GET('/v1/segments/{ref}/contacts', {
          params: { path: { ref }, query: page(cursor) },
        }),
      ),
    { enabled },
  );

export const useMoves = (ref: string, contact: string, enabled: boolean) =>
  usePages(
    ['segments', 'moves', ref, contact],
    (cursor) =>
      ok(
        api.GET('/v1/segments/{ref}/history', {
          params: { path: { ref }, query: { ...page(cursor), ...(contact && { contact }) } },
        }),
      ),
    { enabled },
  );

/** Everything that is said of segments is asked for anew after a change. */
export function useSegmentChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    meta: { quiet: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['segments'] }),
  });
}

export const createSegment = (body: Model<'SegmentCreate'>): Promise<Segment> =>
  ok(api.POST('/v1/segments', { body }));

export const changeSegment = (ref: string, body: Model<'SegmentChange'>): Promise<Segment> =>
  ok(api.PATCH('/v1/segments/{ref}', { ...path(ref), body }));

export const deleteSegment = (ref: string): Promise<unknown> =>
  ok(api.DELETE('/v1/segments/{ref}', path(ref)));

export const changeMembers = (
  ref: string,
  body: { add: string[]; remove: string[] },
): Promise<Model<'MembersAnswer'>> =>
  ok(api.POST('/v1/segments/{ref}/contacts', { ...path(ref), body }));
