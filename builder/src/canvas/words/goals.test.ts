import { expect, it } from 'vitest';
import { controlWords, goalWords, purposeWords } from './goals';

const goal = { name: 'Purchase', event: 'Order Paid' };

it('says what reaches a goal, by when, and what it is worth', () => {
  expect(goalWords(goal)).toBe('Purchase: “Order Paid”, within 7 days');
  const where = [{ param: 'total', op: '>' as const, value: 5 }];
  expect(goalWords({ ...goal, where, within: 'P1D', value: 'total' })).toBe(
    'Purchase: “Order Paid” where total is more than 5, within 1 day, worth total',
  );
  expect(goalWords({ name: '', event: '' })).toBe('…: “…”, within 7 days');
});

it('says on the card what it is for, and who is held back', () => {
  const definition = { name: 'x', start: { kind: 'event', event: 'A' }, blocks: [] } as const;
  const drawn = { ...definition, blocks: [], goals: [goal], control: { percent: 10 } };
  expect(purposeWords(drawn)).toBe('For: Purchase · 10 % held back');
  expect(purposeWords({ ...definition, blocks: [] })).toBe('');
  expect(controlWords(null)).toBe('');
  expect(controlWords({ percent: 2.5 })).toBe('2.5 % are held back to compare with');
});
