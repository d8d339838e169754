/** What there is to choose from: names of events and fields, their types and values. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, type Model, ok } from './client';

const MINUTE = 60_000;

export type EventVolume = Model<'EventVolumeAnswer'>;
export type PropertyInfo = Model<'PropertyAnswer'>;
export type FieldInfo = Model<'FieldAnswer'>;

/** Names of events with their volume; `prefix` looks among more than the first 500. */
export function useEventVolumes(prefix = '') {
  return useQuery({
    queryKey: ['catalogue', 'events', prefix],
    staleTime: MINUTE,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = prefix ? { prefix } : {};
      return (await ok(api.GET('/v1/catalogue/events', { params: { query } }))).data;
    },
  });
}

/** Properties and volume of an event; nothing is asked for without a name. */
export function useEventDetail(name: string, enabled = true) {
  return useQuery({
    queryKey: ['catalogue', 'event', name],
    staleTime: MINUTE,
    enabled: enabled && name !== '',
    queryFn: () => ok(api.GET('/v1/catalogue/events/{name}', { params: { path: { name } } })),
  });
}

/** All fields of contacts: their own, then the custom ones. */
export function useFields() {
  return useQuery({
    queryKey: ['catalogue', 'fields'],
    staleTime: MINUTE,
    queryFn: async () => (await ok(api.GET('/v1/catalogue/fields'))).data,
  });
}

/** Whose values: a field's, or a property's of an event. */
export type ValuesOf = { field: string } | { event: string; param: string };

/** The commonest values that begin with what was typed. */
export function useValues(of: ValuesOf | null, prefix: string) {
  const named = of !== null && Object.values(of).every(Boolean);
  return useQuery({
    queryKey: ['catalogue', 'values', of, prefix],
    staleTime: MINUTE,
    enabled: named,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { ...of, ...(prefix && { prefix }) };
      return (await ok(api.GET('/v1/catalogue/values', { params: { query } }))).data;
    },
  });
}
