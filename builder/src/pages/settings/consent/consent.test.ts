import { expect, it } from 'vitest';
import { keyOf } from './keys';
import { capWords, kindOf } from './periods';

it.each([
  ['Weekly news', 'weekly-news'],
  ['  Überraschung & Rabatt! ', 'u-berraschung-rabatt'],
  ['---', ''],
])('%j has the key %j', (name, key) => {
  expect(keyOf(name)).toBe(key);
});

it('says how many messages a contact gets at most', () => {
  expect(capWords({ limit: 3, period: 'week' })).toBe('at most 3 a week of the contact’s calendar');
  expect(capWords({ limit: 1, period: 'PT24H' })).toBe('at most 1 in any 24 hours');
  expect(kindOf('P7D')).toBe('rolling');
});
