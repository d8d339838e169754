import { expect, it } from 'vitest';
import type { Start } from '../model/types';
import { entryWords } from './entry';

const start = (more: object): Start => ({ kind: 'event', event: 'Workout Planned', ...more });

it.each([
  [
    {},
    'A contact may begin each time that it happens. While a journey of it is running, no other begins.',
  ],
  [
    { reentry: { mode: 'once', key: ['plan_id'] }, overlap: 'parallel' },
    'A contact begins once for each plan_id, and never again. While a journey of the same plan_id is running, another begins beside it: messages of both are sent.',
  ],
  [
    { reentry: { mode: 'after', after: 'P7D' }, overlap: 'restart' },
    'A contact that began may begin again after 7 days; what happens before that is let pass. While a journey of it is running, it is ended, and the new one begins at the first block.',
  ],
])('%j in whole sentences', (more, words) => {
  expect(entryWords(start(more))).toBe(words);
});
