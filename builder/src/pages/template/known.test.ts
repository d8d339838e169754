import { expect, test } from 'vitest';
import { nested } from './known';

test('dotted fields are offered step by step', () => {
  const known = nested('contact', [
    { name: 'plan', detail: 'text' },
    { name: 'address.city', detail: 'text, Berlin' },
    { name: 'address.zip', detail: 'text' },
  ]);
  expect(known.contact?.map((one) => one.name)).toEqual(['plan', 'address']);
  expect(known['contact.address']).toEqual([
    { name: 'city', detail: 'text, Berlin' },
    { name: 'zip', detail: 'text' },
  ]);
});
