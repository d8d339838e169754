/** Whom a predicate holds for now, asked for while it is edited. */
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, type Model, ok } from '@/api/client';
import { asProblem, type Problem } from '@/api/problem';

export type Preview = Model<'SegmentPreview'>;

export interface PreviewState {
  readonly data: Preview | undefined;
  /** Of the predicate as it is, or null. */
  readonly problem: Problem | null;
  /** What is shown is of a predicate before this one. */
  readonly stale: boolean;
}

/** `json` is the predicate as text: the same text is asked for once. */
export function usePreview(
  json: string,
  params: Readonly<Record<string, unknown>>,
  enabled: boolean,
): PreviewState {
  const wanted = JSON.stringify({ where: json, params });
  const [asked] = useDebouncedValue(wanted, 400);
  const current = asked === wanted;
  const query = useQuery({
    queryKey: ['segments', 'preview', asked],
    enabled: enabled && current,
    staleTime: 30_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(
        api.POST('/v1/segments/preview', {
          body: { where: JSON.parse(json), params: { ...params } },
          signal,
        }),
      ),
  });
  return {
    data: query.data,
    problem: enabled && current && query.isError ? asProblem(query.error) : null,
    stale: !current || query.isFetching || query.isPlaceholderData,
  };
}
