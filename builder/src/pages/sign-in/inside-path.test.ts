import { expect, test } from 'vitest';
import { insidePath } from './inside-path';

test.each([
  ['/contacts/ann?tab=events', '/contacts/ann?tab=events'],
  [null, '/'],
  ['https://evil.example', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/sign-in?next=/x', '/'],
])('%s leads to %s', (wish, path) => {
  expect(insidePath(wish)).toBe(path);
});
