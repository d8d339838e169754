/** Imports of files: sent, watched, cancelled. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Model, ok, upload } from './client';
import { usePages } from './queries';

export type Import = Model<'ImportAnswer'>;
export type ImportKind = Import['kind'];
export type CellType = NonNullable<Model<'ColumnAnswer'>['type']>;

/** What a column becomes; null leaves it out. */
export type Target = { to?: string; type?: CellType; format?: string } | null;
export type Mapping = Readonly<Record<string, Target>>;

export interface Sending {
  file: File;
  kind: ImportKind;
  mapping: Mapping;
  event: string;
  backfill: boolean;
  dryRun: boolean;
}

const EVERY_MS = 1_000;

export const isUnderWay = ({ state }: Import): boolean =>
  state === 'receiving' || state === 'waiting' || state === 'running';

export function useImports() {
  return usePages<Import>(
    ['imports', 'list'],
    (cursor) => ok(api.GET('/v1/imports', { params: { query: cursor ? { cursor } : {} } })),
    { refetchInterval: 5_000 },
  );
}

/** An import, asked for again until it has ended. */
export function useImport(id: string) {
  return useQuery({
    queryKey: ['imports', 'one', id],
    queryFn: () => ok(api.GET('/v1/imports/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && !isUnderWay(state.data) ? false : EVERY_MS),
  });
}

/** Sends a file, `onSent` told how much of it is gone (0 to 1). */
export function useSendImport(onSent: (part: number) => void) {
  const client = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: ({ file, kind, mapping, event, backfill, dryRun }: Sending) => {
      const query = new URLSearchParams({ kind, file: file.name });
      if (Object.keys(mapping).length > 0) query.set('mapping', JSON.stringify(mapping));
      if (kind === 'events' && event.trim()) query.set('event', event.trim());
      if (backfill) query.set('backfill', 'true');
      if (dryRun) query.set('dry_run', 'true');
      return upload<Import>(`/v1/contacts/import?${query}`, file, 'text/csv', onSent);
    },
    onSuccess: (made) => {
      client.setQueryData(['imports', 'one', made.id], made);
      void client.invalidateQueries({ queryKey: ['imports', 'list'] });
    },
  });
}

export function useCancelImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      ok(api.POST('/v1/imports/{id}/cancel', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['imports'] }),
  });
}

export const errorsPath = (id: string): string => `/v1/imports/${id}/errors`;

/** The first errors of an import, as the CSV that the server answers. */
export function useImportErrors({ id, errors, state }: Import, limit: number) {
  return useQuery({
    queryKey: ['imports', 'errors', id, Math.min(errors, limit), state],
    enabled: errors > 0,
    queryFn: async () => {
      const params = { path: { id }, query: { limit } };
      const call = api.GET('/v1/imports/{id}/errors', { params, parseAs: 'text' });
      return (await ok(call)) as string;
    },
  });
}
