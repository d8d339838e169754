/** What a template may print, for completion: the fields of contacts, and what is always there. */
import { useQuery } from '@tanstack/react-query';
import { api, ok } from '@/api/client';

export interface Known {
  name: string;
  /** Its type, and an example if there is one. */
  detail: string;
}

/** What lies under each variable, by its path: `contact`, `event.properties`. */
export type KnownPaths = Readonly<Record<string, readonly Known[]>>;

const of = (...names: string[]): Known[] => names.map((name) => ({ name, detail: '' }));

const ALWAYS: KnownPaths = {
  order: of('order_id', 'status', 'total', 'currency', 'items', 'timestamp'),
  journey: of('id', 'workflow', 'name', 'started_at'),
  workspace: of('name', 'timezone'),
};

export const VARIABLES: readonly Known[] = [
  { name: 'contact', detail: 'whom the message goes to' },
  { name: 'event', detail: 'what started the journey' },
  { name: 'order', detail: "the event's or the newest order" },
  { name: 'journey', detail: 'the journey' },
  { name: 'workspace', detail: 'name and time zone' },
  { name: 'now', detail: 'the moment of sending' },
];

export function useKnown(event: Record<string, unknown> | null): KnownPaths {
  const fields = useQuery({
    queryKey: ['templates', 'contact-fields'],
    queryFn: async () => (await ok(api.GET('/v1/catalogue/fields'))).data,
    staleTime: 300_000,
  });
  const contact = (fields.data ?? []).map(({ name, type, examples }) => ({
    name,
    detail: examples[0] === undefined ? type : `${type}, ${String(examples[0]).slice(0, 30)}`,
  }));
  const ids = of('id', 'userId').filter(({ name }) => contact.every((one) => one.name !== name));
  return {
    ...ALWAYS,
    ...nested('contact', [...ids, ...contact]),
    ...sample('event', { ...(event ?? {}), event: '', timestamp: '', properties: event ?? {} }),
  };
}

/** Dotted names as one list for each path. */
export function nested(root: string, known: readonly Known[]): KnownPaths {
  const paths: Record<string, Known[]> = {};
  for (const { name, detail } of known) {
    const steps = name.split('.');
    steps.forEach((step, index) => {
      const path = [root, ...steps.slice(0, index)].join('.');
      paths[path] ??= [];
      if (paths[path].every((one) => one.name !== step)) {
        paths[path].push({ name: step, detail: index === steps.length - 1 ? detail : 'object' });
      }
    });
  }
  return paths;
}

/** The names in a JSON value, three objects deep. */
function sample(root: string, value: Record<string, unknown>, depth = 3): KnownPaths {
  const inner = Object.entries(value).filter(
    (entry): entry is [string, Record<string, unknown>] =>
      typeof entry[1] === 'object' && entry[1] !== null && !Array.isArray(entry[1]),
  );
  return {
    [root]: Object.entries(value).map(([name, one]) => ({
      name,
      detail: typeof one === 'object' ? '' : String(one).slice(0, 30),
    })),
    ...Object.assign(
      {},
      ...(depth > 1 ? inner.map(([name, one]) => sample(`${root}.${name}`, one, depth - 1)) : []),
    ),
  };
}
