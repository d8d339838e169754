import { expect, test } from 'vitest';
import { keyFrom } from './keys';

test.each([
  ['Win-back after 9 days!', 'win-back-after-9-days'],
  ['  Über Größe ', 'uber-gro-e'],
  ['привет', ''],
  [`${'a'.repeat(99)} b`, 'a'.repeat(99)],
])('%s becomes %s', (name, key) => {
  expect(keyFrom(name)).toBe(key);
});
