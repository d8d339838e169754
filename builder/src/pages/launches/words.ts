/** Launches in words. */
import type { Launch } from '@/api/launches';
import { durationWords } from '@/canvas/words/durations';

export const STATES: Readonly<Record<Launch['state'], { label: string; color: string }>> = {
  running: { label: 'Under way', color: 'blue' },
  completed: { label: 'Done', color: 'teal' },
  stopped: { label: 'Stopped', color: 'orange' },
  failed: { label: 'Failed', color: 'red' },
  missed: { label: 'Missed', color: 'red' },
};

export const KINDS: Readonly<Record<Launch['kind'], string>> = {
  manual: 'By hand',
  cron: 'On schedule',
  at: 'At its moment',
  event: 'By an event',
};

export const count = (number: number): string => number.toLocaleString('en-GB');

/** How much of it is done, of 1; null while nobody knows of how much. */
export function part({ left, started, skipped, failed }: Launch): number | null {
  if (left === null) return null;
  const done = started + failed + skipped.reduce((sum, one) => sum + one.count, 0);
  const whole = done + left;
  return whole === 0 ? 1 : done / whole;
}

export const skippedCount = ({ skipped }: Launch): number =>
  skipped.reduce((sum, one) => sum + one.count, 0);

/** The pace that was asked for. */
export function paceWords({ rate, spread_seconds }: Launch): string {
  if (spread_seconds) return `spread over ${durationWords(`PT${Math.round(spread_seconds)}S`)}`;
  return rate === null ? 'as fast as the settings allow' : `${rate} a second at most`;
}
