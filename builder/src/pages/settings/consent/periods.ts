/** Over what a cap counts: a day or week of the contact's calendar, or a time that rolls on. */
import { durationWords, readDuration } from '@/canvas/words/durations';

export const PERIODS = [
  { value: 'day', label: 'a day of the contact’s calendar' },
  { value: 'week', label: 'a week of the contact’s calendar' },
  { value: 'rolling', label: 'a time that rolls on' },
] as const;

export type PeriodKind = (typeof PERIODS)[number]['value'];

export const kindOf = (period: string): PeriodKind =>
  period === 'day' || period === 'week' ? period : 'rolling';

/** "at most 3 a day, by the contact's calendar". */
export function capWords({ limit, period }: { limit: number; period: string }): string {
  const kind = kindOf(period);
  if (kind !== 'rolling') return `at most ${limit} a ${kind} of the contact’s calendar`;
  return `at most ${limit} in any ${readDuration(period) ? durationWords(period) : period}`;
}
