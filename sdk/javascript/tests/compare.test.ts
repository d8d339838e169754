import { expect, test } from 'vitest';
import { holds } from '../src/in-app/compare';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const PROPERTIES = {
  plan: 'Premium',
  minutes: 30,
  text: '20',
  paid: true,
  spelled: 'true',
  at: '2026-06-14T10:00:00+02:00',
  day: '2026-06-14',
  nothing: null,
  tags: ['a', 'b'],
  items: [
    { sku: 'x', n: 1 },
    { sku: 'y', n: 5 },
  ],
  'a.b': 1,
  deep: { plan: 'free' },
};

test.each([
  ['plan', '=', 'Premium', true],
  ['plan', '=', 'premium', false],
  ['plan', '!=', 'x', true],
  ['text', '=', 20, true],
  ['minutes', '=', '30', true],
  ['minutes', '=', '30.0', true],
  ['paid', '=', true, true],
  ['paid', '=', 'TRUE', true],
  ['spelled', '=', true, true],
  ['paid', '=', 1, false],
  ['minutes', '=', true, false],
  ['paid', '=', false, false],
  ['minutes', '>', 29, true],
  ['minutes', '>', 30, false],
  ['minutes', '>=', '30', true],
  ['minutes', '<', 30, false],
  ['minutes', '<=', 30, true],
  ['plan', '>', 3, false],
  ['plan', '<', 'Q', true],
  ['plan', '<', 'P', false],
  ['at', 'before', '2026-06-14T08:00:01Z', true],
  ['at', 'after', '2026-06-14T08:00:00', false],
  ['at', '>=', '2026-06-14T08:00:00', true],
  ['day', 'after', '-P2D', true],
  ['day', 'after', '-P1DT6H', false],
  ['day', 'before', 'P1W', true],
  ['minutes', 'before', 50, false],
  ['plan', 'in', ['x', 'Premium'], true],
  ['plan', 'not_in', ['x', 'Premium'], false],
  ['plan', 'not_in', ['x'], true],
  ['missing', 'not_in', ['x'], false],
  ['missing', '!=', 'x', false],
  ['plan', 'contains', 'emi', true],
  ['tags', 'contains', 'b', true],
  ['tags', 'contains', 'c', false],
  ['plan', 'starts_with', 'Pre', true],
  ['plan', 'ends_with', 'mium', true],
  ['minutes', 'starts_with', '3', false],
  ['plan', 'starts_with', 'mium', false],
  ['nothing', 'missing', undefined, true],
  ['nothing', 'exists', undefined, false],
  ['plan', 'exists', undefined, true],
  ['missing', 'missing', undefined, true],
  ['nothing', '=', null, false],
  ['plan', '=', null, false],
  ['items.sku', '=', 'y', true],
  ['items.n', '>', 4, true],
  ['items.sku', '=', 'z', false],
  ['a.b', '=', 1, true],
  ['deep.plan', '=', 'free', true],
  ['plan.length', 'exists', undefined, false],
  ['constructor', 'exists', undefined, false],
  ['plan', 'like', 'P', false],
])('%s %s %s: %s', (param, op, value, expected) => {
  expect(holds([{ param, op, value }], PROPERTIES, NOW)).toBe(expected);
});

test('all checks must hold; none always do', () => {
  const good = { param: 'minutes', op: '>', value: 1 };
  expect(holds([], {})).toBe(true);
  expect(holds([good, { ...good, value: 100 }], PROPERTIES)).toBe(false);
});
