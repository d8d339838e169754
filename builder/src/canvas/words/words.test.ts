import { describe, expect, it } from 'vitest';
import { predicateWords } from '@/predicates/words';
import type { Block, Start, Stop } from '../model/types';
import { blockWords } from './blocks';
import { durationWords, offsetWords, readDuration, writeDuration } from './durations';
import { cronWords, reentryWords, startWords, stopWords } from './rules';

const block = (json: object): Block => ({ id: 'x', ...json }) as unknown as Block;

describe('blocks in words', () => {
  it.each([
    [{ kind: 'timer', wait: { for: 'P1DT2H' } }, 'Wait 1 day 2 hours'],
    [
      {
        kind: 'timer',
        wait: { until: { time: '09:00', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'] } },
      },
      'Wait until 09:00, Mon–Fri, contact’s time',
    ],
    [
      { kind: 'timer', wait: { for: 'P2D', until: { time: '18:30', timezone: 'Europe/Berlin' } } },
      'Wait 2 days, then until 18:30, Europe/Berlin time',
    ],
    [
      { kind: 'timer', wait: { until: { field: 'trial_ends_at', offset: '-P1D' } } },
      'Wait until 1 day before the contact’s trial_ends_at',
    ],
    [
      { kind: 'timer', wait: { at: '2026-12-24T10:00' } },
      'Wait until 24 Dec 2026, 10:00, contact’s time',
    ],
    [
      {
        kind: 'message',
        channel: 'push',
        template: 'hi',
        allowed_hours: { from: '08:00', to: '21:00', weekdays: ['sat', 'sun'] },
      },
      'Send push “hi”, only 08:00–21:00, Sat, Sun',
    ],
    [
      {
        kind: 'message',
        channel: 'email',
        template: 'hi',
        variants: [{ template: 'other' }],
        allowed_hours: { from: '08:00', to: '21:00', otherwise: 'skip' },
      },
      'Send email “hi”, or a variant of it, only 08:00–21:00, else skipped',
    ],
    [
      {
        kind: 'wait_for',
        message: { block: 'hello', state: 'clicked', link: 'https://x.example' },
        timeout: 'P1D',
      },
      'Wait for “hello” to be clicked at https://x.example, at most 1 day',
    ],
    [{ kind: 'split', branches: [{ weight: 1 }, { weight: 2 }] }, 'Split 33 % / 67 %'],
    [
      {
        kind: 'wait_for',
        event: 'Paid',
        where: [{ param: 'total', op: '>', value: 5 }],
        same: ['cart_id'],
        timeout: 'PT2H',
      },
      'Wait for Paid, where total is more than 5, with the same cart_id, at most 2 hours',
    ],
    [
      { kind: 'update', set: { plan: 'pro', points: { '+': 5 } }, remove_from: ['vip'] },
      'Set plan to pro, add 5 to points, take off list vip',
    ],
    [{ kind: 'promo', pool: 'spring', as: 'code' }, 'Take a code from spring as code'],
    [{ kind: 'exit' }, 'End the journey'],
    [{ kind: 'from_a_later_release' }, 'A block of the kind from_a_later_release'],
  ])('%j', (json, words) => expect(blockWords(block(json))).toBe(words));
});

describe('predicates in words', () => {
  it.each([
    [
      {
        all: [
          { field: 'plan', op: '=', value: 'premium' },
          { field: 'email', op: 'exists' },
        ],
      },
      'plan is premium and email is known',
    ],
    [
      { any: [{ all: [{ segment: 'a' }, { segment: 'b' }] }, { reachable: 'sms' }] },
      '(is in segment a and is in segment b) or can be reached by SMS',
    ],
    [
      { event: 'Workout', within: 'P7D', times: { op: '=', value: 0 } },
      'has never done Workout in the last 7 days',
    ],
    [{ event: 'Workout', times: { op: '>=', value: 3 } }, 'has done Workout at least 3 times'],
    [{ field: 'created_at', op: 'after', value: '-P3D' }, 'created_at is after 3 days ago'],
    [
      { order: { status: ['delivered'], times: { op: '>=', value: 2 } } },
      'has at least 2 delivered orders',
    ],
    [
      { order: { total: { op: '>=', value: 100 }, within: 'P30D' } },
      'has an order in the last 30 days, worth in total at least 100',
    ],
    [{ message: { block: 'last', state: 'clicked' } }, 'the last message was clicked'],
    [
      { now: { weekdays: ['sat', 'sun'], from: '08:00', to: '12:00' } },
      'it is Sat, Sun, 08:00–12:00, contact’s time',
    ],
    [{ not: { param: 'kind', value: 'run' } }, 'not (the event’s kind is run)'],
    [{ all: [] }, 'everybody'],
  ])('%j', (predicate, words) =>
    expect(predicateWords(predicate as Parameters<typeof predicateWords>[0])).toBe(words),
  );
});

describe('starts and stops in words', () => {
  it.each([
    [
      { kind: 'event', event: 'Paid', where: [{ param: 'total', op: '>', value: 5 }] },
      'When Paid happens, where total is more than 5',
    ],
    [
      { kind: 'field_change', field: 'plan', from: ['trial'], to: ['pro', null] },
      'When plan changes from trial to pro or nothing',
    ],
    [{ kind: 'segment', segment: 'vip', schedule: 'entry' }, 'When a contact enters segment vip'],
    [
      { kind: 'segment', segment: 'vip', schedule: { cron: '0 9 * * 1' }, spread: 'PT1H' },
      'Everybody in segment vip, every Monday at 09:00, spread over 1 hour',
    ],
  ])('%j', (start, words) => expect(startWords(start as Start)).toBe(words));

  it('says how often a contact may enter', () => {
    const start = {
      kind: 'event',
      event: 'X',
      reentry: { mode: 'after', after: 'P7D', key: ['plan_id'] },
    };
    expect(reentryWords(start as Start)).toBe(
      'Again after 7 days for each plan_id, never twice at once',
    );
  });

  it('says what stops', () => {
    const stop = { kind: 'event', events: ['Done', 'Off'], same: ['id'], lookback: 'P1D' };
    expect(stopWords(stop as Stop)).toBe(
      'Done or Off happens, with the same id, also up to 1 day before the start',
    );
  });

  it.each([
    ['30 8 * * *', 'every day at 08:30'],
    ['0 9 * * 1-5', 'Monday to Friday at 09:00'],
    ['*/5 * * * *', 'by schedule */5 * * * *'],
    ['0 9 1 * *', 'on day 1 of each month at 09:00'],
  ])('%s', (cron, words) => expect(cronWords(cron)).toBe(words));
});

describe('durations', () => {
  it.each(['P1D', 'PT2H30M', '-P3D', 'P1Y2M3W4DT5H6M7S', 'PT1.5S'])(
    '%s is written as it was read',
    (text) => {
      const duration = readDuration(text);
      expect(duration && writeDuration(duration)).toBe(text);
    },
  );

  it.each(['', 'P', 'PT', 'P1', '1D', 'P1DT', 'soon'])('%j is none', (text) =>
    expect(readDuration(text)).toBeNull(),
  );

  it('are said with their unit', () => {
    expect(durationWords('P1W')).toBe('1 week');
    expect(offsetWords('-PT2H')).toBe('2 hours before');
    expect(offsetWords(null)).toBe('');
  });
});
