/** What fields offer to choose from: templates, segments and pools of the workspace. */
import { useQuery } from '@tanstack/react-query';
import { allPages } from '@/api/choices';
import { api, ok } from '@/api/client';

const MINUTE = 60_000;

/** All templates by key, with their channel. */
export function useTemplates() {
  return useQuery({
    queryKey: ['templates', 'choices'],
    staleTime: MINUTE,
    queryFn: () => allPages((query) => ok(api.GET('/v1/templates', { params: { query } }))),
  });
}

export function useSegments() {
  return useQuery({
    queryKey: ['segments', 'choices'],
    staleTime: MINUTE,
    queryFn: () => allPages((query) => ok(api.GET('/v1/segments', { params: { query } }))),
  });
}

export function useTopics() {
  return useQuery({
    queryKey: ['topics', 'choices'],
    staleTime: MINUTE,
    queryFn: () => allPages((query) => ok(api.GET('/v1/topics', { params: { query } }))),
  });
}

export function usePools() {
  return useQuery({
    queryKey: ['promo-pools', 'choices'],
    staleTime: MINUTE,
    queryFn: () => allPages((query) => ok(api.GET('/v1/promo-pools', { params: { query } }))),
  });
}
