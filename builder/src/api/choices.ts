/** Lists that are chosen from: read as a whole, because one searches in them while typing. */
import { useQuery } from '@tanstack/react-query';
import { api, ok } from './client';

const MOST = 200;
const PAGES = 10;
const MINUTE = 60_000;

interface Page<Item> {
  data: Item[];
  next: string | null;
}

/** Every item of a list, at most 2,000: a longer choice is no choice. */
export async function allPages<Item>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let count = 0; count < PAGES; count += 1) {
    const found: Page<Item> = await read({ limit: MOST, ...(cursor !== null && { cursor }) });
    items.push(...found.data);
    cursor = found.next;
    if (cursor === null) break;
  }
  return items;
}

/** All workflows but their drawings. */
export function useWorkflows() {
  return useQuery({
    queryKey: ['workflows', 'all'],
    staleTime: MINUTE,
    queryFn: () => allPages((query) => ok(api.GET('/v1/workflows', { params: { query } }))),
  });
}

/** Workflows to choose from, by key. */
export function useWorkflowChoices() {
  const { data, ...query } = useWorkflows();
  return { ...query, data: data?.map(({ key, name }) => ({ value: key, label: name })) };
}
