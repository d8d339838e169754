/** Random predicates whose names and values are nasty, for tests. */
import { CHANNELS, COUNT_OPS, MESSAGE_STATES, ORDER_STATES } from './kinds';

type Random = () => number;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NAMES = [
  'plan',
  'age',
  'a.b.c',
  'a..b',
  '.',
  '',
  'select',
  'NULL',
  'q"uo\'te',
  'naïve ключ 🎉',
  'x'.repeat(10_240),
  '%s',
  ':name',
  '$1',
  '{}',
  '\\',
  'email.x',
  'userId',
  'created_at',
  '__proto__',
];
const SCALARS = [
  0,
  -1,
  20,
  20.5,
  0.1,
  1e-7,
  1e308,
  -0,
  true,
  false,
  '',
  '20',
  '020',
  '2e1',
  ' 20',
  '1e9999',
  '٣',
  'true',
  'abc',
  '🎉',
  '\uffee',
  '\\',
  'null',
  '9'.repeat(101),
  '2026-03-31',
  '2026-02-30',
  '2026-03-31T10:00',
  '2026-03-31 12:00:00.000+02:00',
  '0000-01-01',
  '2026-03-31T10:00:60',
  '-P3D',
  'P1M',
  'PT0S',
  'P',
  '-PT1.5S',
  '-P1Y2M3W4DT5H6M7.8S',
  'p1d',
  'P1.5D',
  'Premium',
];
const BINARY = [
  '=',
  '!=',
  '>',
  '>=',
  '<',
  '<=',
  'contains',
  'starts_with',
  'ends_with',
  'before',
  'after',
];
const WITHIN = [null, 'journey', 'P3D', '-P3D', 'P1M', 'PT1H', 'P100Y', 'PT0S'];
const ZONES = ['contact', 'Europe/Kyiv', 'Nowhere/Atall', "a'; --"];

export function predicates(random: Random, depth = 0): unknown {
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] as Item;
  const chance = (share: number): boolean => random() < share;
  const many = <Item>(make: () => Item, most: number): Item[] =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, make);
  const some = (parts: Record<string, () => unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(parts).flatMap(([key, make]) => (chance(0.5) ? [[key, make()]] : [])),
    );
  const name = (): string => pick(NAMES);
  const right = (): unknown => (chance(0.2) ? { param: name() } : pick(SCALARS));
  const compared = (key: string): Record<string, unknown> => {
    const left = { [key]: name() };
    if (chance(0.15)) return { ...left, op: pick(['exists', 'missing']) };
    if (chance(0.2)) {
      return { ...left, op: pick(['in', 'not_in']), value: many(() => pick(SCALARS), 4) };
    }
    if (chance(0.1)) return { ...left, value: right() };
    return { ...left, op: pick(BINARY), value: chance(0.05) ? null : right() };
  };
  const count = () => ({ op: pick(COUNT_OPS), value: pick([0, 1, 2, -1, 0.5, 1e300, 2 ** 40]) });
  const where = () => many(() => compared('param'), 2);
  const leaf = (): unknown =>
    pick<() => unknown>([
      () => compared('field'),
      () => compared('field'),
      () => compared('param'),
      () => ({ event: name(), within: pick(WITHIN), ...some({ where, times: count }) }),
      () => ({
        order: some({
          status: () => many(() => pick(ORDER_STATES), 3),
          where,
          within: () => pick(WITHIN),
          times: count,
          total: () => (chance(0.2) ? null : count()),
        }),
      }),
      () => ({
        message: {
          block: pick(['hello', 'bye', 'last', 'all']),
          state: pick(MESSAGE_STATES),
          ...some({ link: () => pick(['https://a.example/?q=1', null]) }),
        },
      }),
      () => ({
        now: some({
          weekdays: () => many(() => pick(['mon', 'tue', 'sat']), 2),
          from: () => pick(['00:00', '10:00', '22:00']),
          to: () => pick(['00:00', '24:00']),
          date: () => pick(['2026-03-31', '2026-02-31', null]),
          timezone: () => pick(ZONES),
        }),
      }),
      () => ({
        segment: pick(['plain', 'outer', 'vip']),
        ...some({
          params: () => ({ book: right(), list: many(() => pick(SCALARS), 3), nothing: null }),
        }),
      }),
      () => ({ reachable: pick(CHANNELS) }),
    ])();
  if (depth >= 4 || chance(0.4)) return leaf();
  return pick<() => unknown>([
    () => ({ all: many(() => predicates(random, depth + 1), 3) }),
    () => ({ any: many(() => predicates(random, depth + 1), 3) }),
    () => ({ not: predicates(random, depth + 1) }),
  ])();
}
