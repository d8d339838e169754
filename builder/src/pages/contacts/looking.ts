/** What the list of contacts looks for, as it stands in the address. */
import type { Looking } from '@/api/contacts';
import type { Predicate } from '@/canvas/model/types';

export function readLooking(params: URLSearchParams): Looking {
  return {
    search: params.get('search') ?? '',
    segment: params.get('segment'),
    where: predicateOf(params.get('where')),
  };
}

export function writeLooking({ search, segment, where }: Looking): URLSearchParams {
  const params = new URLSearchParams();
  if (search.trim()) params.set('search', search.trim());
  if (segment) params.set('segment', segment);
  if (where) params.set('where', JSON.stringify(where));
  return params;
}

function predicateOf(text: string | null): Predicate | null {
  if (text === null) return null;
  try {
    const read: unknown = JSON.parse(text);
    // The server says what is wrong with a predicate that is none.
    return typeof read === 'object' && read !== null ? (read as Predicate) : null;
  } catch {
    return null;
  }
}
