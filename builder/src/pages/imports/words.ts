/** Imports in words. */
import type { Import } from '@/api/imports';

export const STATES: Readonly<Record<Import['state'], { label: string; color: string }>> = {
  receiving: { label: 'Being sent', color: 'gray' },
  waiting: { label: 'Waiting', color: 'gray' },
  running: { label: 'Under way', color: 'blue' },
  completed: { label: 'Done', color: 'teal' },
  failed: { label: 'Failed', color: 'red' },
  cancelled: { label: 'Cancelled', color: 'orange' },
};

export const count = (number: number): string => number.toLocaleString('en-GB');

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  const units = ['KB', 'MB', 'GB'];
  let left = size / 1024;
  let unit = 0;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${left.toFixed(left < 10 ? 1 : 0)} ${units[unit]}`;
}
