import { expect, it } from 'vitest';
import { exampleOf } from './TryFields';

it('proposes the values that an event had of late, and nothing of what lies within them', () => {
  const properties = [
    { name: 'minutes', examples: [30, 45] },
    { name: 'items', examples: [] },
    { name: 'items.sku', examples: ['pt-10'] },
    { name: 'plan_id', examples: ['p-1'] },
  ];
  expect(JSON.parse(exampleOf(properties))).toEqual({ minutes: 30, plan_id: 'p-1' });
  expect(exampleOf([])).toBe('{}');
});
