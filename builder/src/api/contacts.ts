/** Contacts: looked for, read, changed, erased. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Predicate } from '@/canvas/model/types';
import { allPages } from './choices';
import { api, type Model, ok } from './client';
import { usePages } from './queries';

export type Contact = Model<'ContactAnswer'>;
export type ContactDetails = Model<'ContactDetails'>;
export type TimelineEntry = Model<'TimelinePage'>['data'][number];
export type TimelineKind = TimelineEntry['kind'];
export type Order = Model<'OrderAnswer'>;
export type Message = Model<'MessageAnswer'>;

/** A change as the API takes it; null unsets. */
export type Change = Partial<Model<'ContactChange'>>;

const one = (ref: string) => ['contacts', 'one', ref] as const;
const at = (ref: string) => ({ path: { ref } });

export interface Looking {
  search: string;
  segment: string | null;
  where: Predicate | null;
}

/** Contacts of whom all that is asked holds, the newest first. */
export function useContacts({ search, segment, where }: Looking) {
  const asked = {
    ...(search && { search }),
    ...(segment && { segment }),
    ...(where && { where: JSON.stringify(where) }),
  };
  return usePages<Contact>(['contacts', 'list', asked], (cursor) =>
    ok(api.GET('/v1/contacts', { params: { query: { ...asked, ...(cursor && { cursor }) } } })),
  );
}

export function useContact(ref: string) {
  return useQuery({
    queryKey: one(ref),
    queryFn: () => ok(api.GET('/v1/contacts/{ref}', { params: at(ref) })),
  });
}

/** Changes a contact; who asks shows what the server says against it. */
export function useChangeContact(ref: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (change: Change) =>
      ok(
        api.PATCH('/v1/contacts/{ref}', {
          params: at(ref),
          body: { ...change, fields: change.fields ?? {} },
        }),
      ),
    onSuccess: (contact) => {
      client.setQueryData(one(ref), contact);
      void client.invalidateQueries({ queryKey: ['contacts'] });
    },
  });
}

/** Makes a contact, or changes the one that has this `userId`. */
export function useAddContact() {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (contact: { userId: string; email?: string; phone?: string }) =>
      ok(api.POST('/v1/contacts', { body: contact })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['contacts'] }),
  });
}

export function useEraseContact() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ref: string) =>
      ok(api.DELETE('/v1/contacts/{user_id}', { params: { path: { user_id: ref } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['contacts', 'list'] }),
  });
}

export function useTimeline(ref: string, kinds: readonly TimelineKind[]) {
  return usePages<TimelineEntry>(['contacts', 'timeline', ref, kinds], (cursor) => {
    const query = { kind: [...kinds], ...(cursor && { cursor }) };
    return ok(api.GET('/v1/contacts/{ref}/timeline', { params: { ...at(ref), query } }));
  });
}

export function useMemberships(ref: string) {
  return useQuery({
    queryKey: ['contacts', 'segments', ref],
    queryFn: () => {
      const params = { ...at(ref), query: { history: true } };
      return ok(api.GET('/v1/contacts/{ref}/segments', { params }));
    },
  });
}

export function useContactJourneys(ref: string) {
  return usePages(['contacts', 'journeys', ref], (cursor) => {
    const query = { contact: ref, ...(cursor && { cursor }) };
    return ok(api.GET('/v1/journeys', { params: { query } }));
  });
}

export function useContactMessages(ref: string) {
  return usePages<Message>(['contacts', 'messages', ref], (cursor) => {
    const query = { contact: ref, ...(cursor && { cursor }) };
    return ok(api.GET('/v1/messages', { params: { query } }));
  });
}

export function useContactOrders(ref: string) {
  return usePages<Order>(['contacts', 'orders', ref], (cursor) => {
    const query = { contact: ref, ...(cursor && { cursor }) };
    return ok(api.GET('/v1/orders', { params: { query } }));
  });
}

export function useOrder(orderId: string) {
  return useQuery({
    queryKey: ['orders', orderId],
    queryFn: () => ok(api.GET('/v1/orders/{orderId}', { params: { path: { orderId } } })),
  });
}

/** Segments to choose from, by key; those with parameters have members for each value only. */
export function useSegmentChoices() {
  return useQuery({
    queryKey: ['segments', 'without-parameters'],
    staleTime: 60_000,
    queryFn: async () => {
      const segments = await allPages((query) =>
        ok(api.GET('/v1/segments', { params: { query } })),
      );
      return segments
        .filter((segment) => segment.params.length === 0)
        .map(({ key, name }) => ({ value: key, label: name }));
    },
  });
}
