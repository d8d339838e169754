import { expect, test } from 'vitest';
import type { Template } from '../templates/channels';
import { contentOf, faultsOf, sameWritten, untouched, write, writtenOf } from './written';

const EMAIL: Template = {
  id: 't',
  key: 'welcome',
  channel: 'email',
  subject: 'Hello',
  html: null,
  mjml: '<mjml></mjml>',
  text: null,
  title: null,
  body: null,
  link: null,
  data: null,
  image: null,
  layout: null,
  buttons: null,
  trigger: null,
  frequency: null,
  expires: null,
  badge: null,
  collapse_id: null,
  locale: null,
  locales: null,
  sound: null,
  tracking: null,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};

test('what was read is sent back as it was', () => {
  expect(contentOf('email', writtenOf(EMAIL))).toEqual({
    content: { subject: 'Hello', mjml: '<mjml></mjml>' },
    issues: [],
  });
});

test('an email has MJML or HTML, never both', () => {
  const both = write({ ...writtenOf(EMAIL), format: 'html' }, 'html', '<p>Hi</p>');
  expect(contentOf('email', both).content).toEqual({ subject: 'Hello', html: '<p>Hi</p>' });
  expect(contentOf('email', { ...both, format: 'text' }).content).toEqual({ subject: 'Hello' });
});

test('what is not written here is kept as it is', () => {
  const languages = { de: { subject: 'Angebot' } };
  expect(untouched({ ...EMAIL, locale: 'en', locales: languages })).toEqual({
    locale: 'en',
    locales: languages,
  });
});

test('data is an object or a fault', () => {
  const push = { ...EMAIL, channel: 'push', data: { a: 1 } } as const;
  const written = writtenOf(push);
  expect(contentOf('push', written).content.data).toEqual({ a: 1 });
  expect(contentOf('push', write(written, 'data', '[1')).issues[0]?.path).toBe('$.data');
  expect(contentOf('push', write(written, 'data', ' ')).content).not.toHaveProperty('data');
});

test('going back to what was read is no change', () => {
  const read = writtenOf(EMAIL);
  const changed = write(read, 'subject', 'Hallo');
  expect(sameWritten('email', read, changed)).toBe(false);
  expect(sameWritten('email', read, write(changed, 'subject', 'Hello'))).toBe(true);
  expect(sameWritten('email', { ...read, format: 'html' }, read)).toBe(false);
});

test('a fault is found by its part and its line', () => {
  const issues = [
    { path: '$.html', message: 'line 3: expected a tag' },
    { path: '$.subject', message: 'is needed' },
    { path: '$.data.a', message: 'line 1: no' },
  ];
  expect(faultsOf('html', issues)).toEqual([{ line: 3, message: 'line 3: expected a tag' }]);
  expect(faultsOf('subject', issues)).toEqual([{ line: null, message: 'is needed' }]);
  expect(faultsOf('data', issues)).toHaveLength(1);
});
