import { expect, it } from 'vitest';
import { found } from './found';

const ITEMS = [
  { label: 'Win back', key: 'win-back' },
  { label: 'Welcome series', key: 'welcome' },
  { label: 'Come back to the welcome', key: 'come' },
];
const labels = (text: string, most = 5) => found(ITEMS, text, most).map(({ label }) => label);

it('finds what holds every word, whatever their order and case', () => {
  expect(labels('BACK win')).toEqual(['Win back']);
  expect(labels('nothing')).toEqual([]);
});

it('names what begins with the text first, and no more than wanted', () => {
  expect(labels('wel')).toEqual(['Welcome series', 'Come back to the welcome']);
  expect(labels('', 2)).toHaveLength(2);
});

it('finds by key, too', () => {
  expect(labels('win-back')).toEqual(['Win back']);
});
