import { expect, it } from 'vitest';
import { changeOf, sourceWords, suppressedWords } from './subscribing';

it('changes one topic on one channel and leaves the others', () => {
  expect(changeOf('news', 'email', false)).toEqual({ topics: { news: { email: false } } });
});

it('says who said so, and why an address gets nothing', () => {
  expect(sourceWords('one_click')).toBe('Unsubscribed by one click');
  expect(sourceWords(null)).toBe('Said');
  expect(suppressedWords('email', 'bounce')).toBe('No email is sent: the address does not exist.');
});
