/** What the settings read and change beside the workspace: accounts, topics and caps. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { allPages } from '@/api/choices';
import { api, type Model, ok } from '@/api/client';

export type Settings = Model<'SettingsAnswer'>;
export type SettingsChange = Model<'SettingsChange'>;
export type Account = Model<'ProviderAnswer'>;
export type AccountKind = Model<'ProviderKindAnswer'>;
export type AccountSave = Model<'ProviderSave'>;
export type Topic = Model<'TopicAnswer'>;
export type TopicSave = Model<'TopicSave'>;
export type Cap = Model<'CapAnswer'>;
export type CapSave = Model<'CapSave'>;

const SETTINGS = ['settings'] as const;
const ACCOUNTS = ['settings', 'accounts'] as const;
const TOPICS = ['topics'] as const;
const CAPS = ['frequency-caps'] as const;

export function useSettings() {
  return useQuery({ queryKey: [...SETTINGS, 'own'], queryFn: () => ok(api.GET('/v1/settings')) });
}

export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (body: SettingsChange) => ok(api.PATCH('/v1/settings', { body })),
    onSuccess: (saved) => client.setQueryData([...SETTINGS, 'own'], saved),
  });
}

export function useAccounts() {
  return useQuery({
    queryKey: ACCOUNTS,
    queryFn: () => allPages((query) => ok(api.GET('/v1/providers', { params: { query } }))),
  });
}

export function useAccountKinds() {
  return useQuery({
    queryKey: ['provider-kinds'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await ok(api.GET('/v1/providers/kinds'))).data,
  });
}

/** Changes what one list holds; `quiet`: who asks shows what the server says against it. */
function useChange<Input, Answer>(
  keys: readonly (readonly string[])[],
  change: (input: Input) => Promise<Answer>,
  quiet = true,
) {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet },
    mutationFn: change,
    onSuccess: () =>
      Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey: [...queryKey] }))),
  });
}

/** An account that is there is saved over, else one of this kind is added. */
export const useSaveAccount = () =>
  useChange([SETTINGS], ({ kind, account, ...body }: SavedAccount) =>
    account
      ? ok(api.PUT('/v1/providers/{ref}', { params: { path: { ref: account } }, body }))
      : ok(api.POST('/v1/providers', { body: { ...body, kind } })),
  );

interface SavedAccount extends AccountSave {
  kind: string;
  /** The id of one that is there. */
  account: string | null;
}

export const useRemoveAccount = () =>
  useChange(
    [SETTINGS],
    (ref: string) => ok(api.DELETE('/v1/providers/{ref}', { params: { path: { ref } } })),
    false,
  );

export const useTestAccount = () =>
  useChange([], ({ ref, ...body }: { ref: string; to?: string; userId?: string }) =>
    ok(api.POST('/v1/providers/{ref}/test', { params: { path: { ref } }, body })),
  );

export function useTopicList() {
  return useQuery({
    queryKey: [...TOPICS, 'all'],
    queryFn: () => allPages((query) => ok(api.GET('/v1/topics', { params: { query } }))),
  });
}

/** Saves the topic of this key, or makes it; `made` refuses a key that is in use. */
export const useSaveTopic = () =>
  useChange([TOPICS], ({ key, made, ...body }: TopicSave & { key: string; made: boolean }) =>
    made
      ? ok(api.POST('/v1/topics', { body: { ...body, key } }))
      : ok(api.PUT('/v1/topics/{ref}', { params: { path: { ref: key } }, body })),
  );

export const useDeleteTopic = () =>
  useChange(
    [TOPICS],
    (ref: string) => ok(api.DELETE('/v1/topics/{ref}', { params: { path: { ref } } })),
    false,
  );

export function useCaps() {
  return useQuery({
    queryKey: CAPS,
    queryFn: () => allPages((query) => ok(api.GET('/v1/frequency-caps', { params: { query } }))),
  });
}

export const useSaveCap = () =>
  useChange([CAPS], ({ key, made, ...body }: CapSave & { key: string; made: boolean }) =>
    made
      ? ok(api.POST('/v1/frequency-caps', { body: { ...body, key } }))
      : ok(api.PUT('/v1/frequency-caps/{ref}', { params: { path: { ref: key } }, body })),
  );

export const useDeleteCap = () =>
  useChange(
    [CAPS],
    (ref: string) => ok(api.DELETE('/v1/frequency-caps/{ref}', { params: { path: { ref } } })),
    false,
  );
