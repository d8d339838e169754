/** What fields offer to choose from: templates, segments and pools of the workspace. */
import { useQuery } from '@tanstack/react-query';
import { api, ok } from '@/api/client';

const MOST = 200;
const MINUTE = 60_000;

/** All templates by key, with their channel. */
export function useTemplates() {
  return useQuery({
    queryKey: ['templates', 'choices'],
    staleTime: MINUTE,
    queryFn: () =>
      allPages((cursor) => ok(api.GET('/v1/templates', { params: { query: page(cursor) } }))),
  });
}

export function useSegments() {
  return useQuery({
    queryKey: ['segments', 'choices'],
    staleTime: MINUTE,
    queryFn: () =>
      allPages((cursor) => ok(api.GET('/v1/segments', { params: { query: page(cursor) } }))),
  });
}

export function usePools() {
  return useQuery({
    queryKey: ['promo-pools', 'choices'],
    staleTime: MINUTE,
    queryFn: () =>
      allPages((cursor) => ok(api.GET('/v1/promo-pools', { params: { query: page(cursor) } }))),
  });
}

const page = (cursor: string | null) => ({ limit: MOST, ...(cursor !== null && { cursor }) });

interface Page<Item> {
  data: Item[];
  next: string | null;
}

/** Every item of a list, at most 2,000: a longer choice is no choice. */
async function allPages<Item>(
  read: (cursor: string | null) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let count = 0; count < 10; count += 1) {
    const found: Page<Item> = await read(cursor);
    items.push(...found.data);
    cursor = found.next;
    if (cursor === null) break;
  }
  return items;
}
