/** What the pages of templates read and change. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api, type Model, ok } from '@/api/client';
import { asProblem } from '@/api/problem';
import { usePages } from '@/api/queries';
import type { Channel, Template } from './channels';

export type Preview = Model<'PreviewAnswer'>;
export type PreviewAsked = Omit<Model<'TestMessageRequest'>, 'to'>;

const ALL = ['templates'] as const;
const one = (ref: string) => [...ALL, 'one', ref] as const;

export function useTemplates(channel: Channel | null) {
  return usePages<Template>([...ALL, 'list', channel], (cursor) =>
    ok(api.GET('/v1/templates', { params: { query: { cursor, channel, limit: 50 } } })),
  );
}

const readTemplate = (ref: string) =>
  ok(api.GET('/v1/templates/{ref}', { params: { path: { ref } } }));

export function useTemplate(ref: string) {
  return useQuery({
    queryKey: one(ref),
    queryFn: () => readTemplate(ref),
    refetchInterval: 30_000,
  });
}

export function useTemplateWorkflows(ref: string) {
  return useQuery({
    queryKey: [...ALL, 'workflows', ref],
    queryFn: async () => {
      const call = api.GET('/v1/templates/{ref}/workflows', { params: { path: { ref } } });
      return (await ok(call)).data;
    },
  });
}

/** The preview of what is in the editor; the one before stays until it is there. */
export function usePreview(asked: PreviewAsked | null) {
  return useQuery({
    queryKey: [...ALL, 'preview', asked],
    queryFn: () => ok(api.POST('/v1/templates/preview', { body: asked ?? { template: '' } })),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 60_000,
  });
}

export function useCreateTemplate() {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (body: Model<'TemplateCreate'>) => ok(api.POST('/v1/templates', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: [...ALL, 'list'] }),
  });
}

export function useSaveTemplate(ref: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (body: Model<'TemplateSave'>) =>
      ok(api.PUT('/v1/templates/{ref}', { params: { path: { ref } }, body })),
    onSuccess: (saved) => {
      client.setQueryData(one(ref), saved);
      return client.invalidateQueries({ queryKey: [...ALL, 'list'] });
    },
    // What somebody else saved is known before it is asked whether to save over it.
    onError: (error) =>
      asProblem(error).status === 409 && client.invalidateQueries({ queryKey: one(ref) }),
  });
}

export function useDeleteTemplate(ref: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => ok(api.DELETE('/v1/templates/{ref}', { params: { path: { ref } } })),
    onSuccess: async () => {
      await navigate('/templates');
      client.removeQueries({ queryKey: one(ref) });
      await client.invalidateQueries({ queryKey: [...ALL, 'list'] });
    },
  });
}

export function useSendTest() {
  return useMutation({
    meta: { quiet: true },
    mutationFn: (body: Model<'TestMessageRequest'>) => ok(api.POST('/v1/templates/test', { body })),
  });
}
