import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { uuid } from '../src/ids';
import { LIBRARY } from '../src/version';

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

test('the SDK names itself as its package does, and needs no other', () => {
  const { name, version, dependencies } = JSON.parse(read('package.json'));
  expect(LIBRARY).toEqual({ name, version });
  expect(dependencies).toBeUndefined();
});

test('the lock file names no host from which packages come', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"');
});

test('ids are random UUIDs, with or without the function of secure pages', () => {
  const random = crypto.randomUUID;
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(uuid()).toMatch(form);
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  try {
    expect(uuid()).toMatch(form);
    expect(uuid()).not.toBe(uuid());
  } finally {
    Object.defineProperty(crypto, 'randomUUID', { value: random, configurable: true });
  }
});
