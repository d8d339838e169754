import { expect, test } from 'vitest';
import { likely, percent, share, worthWords } from './results';

test('a share is shown with where the true one lies', () => {
  expect(share({ value: 0.125, low: 0.05, high: 0.25 })).toBe('13 % (5.0 %–25 %)');
  expect(share(null)).toBe('–');
  expect(percent(0)).toBe('0 %');
});

test('no chance is certain', () => {
  expect(likely(1)).toBe('more than 99.9 % likely');
  expect(likely(0)).toBe('less than 0.1 % likely');
  expect(likely(0.8)).toBe('80 % likely');
});

test('what conversions were worth is told by currency', () => {
  expect(worthWords([])).toBe('');
  expect(
    worthWords([
      { currency: 'EUR', value: '12.50' },
      { currency: null, value: '3' },
    ]),
  ).toBe(', worth 12.50 EUR and 3');
});
