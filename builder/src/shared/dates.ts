/** Instants in words: in a zone, and how long ago. */

const LOCALE = 'en-GB';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, seconds: boolean): Intl.DateTimeFormat {
  const key = `${zone} ${seconds}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(LOCALE, {
      dateStyle: 'medium',
      timeStyle: seconds ? 'medium' : 'short',
      timeZone: zone,
    });
    formats.set(key, found);
  }
  return found;
}

export const viewerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `12 Mar 2025, 09:00` in that zone; a zone that this browser does not know counts as UTC. */
export function inZone(instant: string | Date, zone: string, seconds = false): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  try {
    return format(zone, seconds).format(date);
  } catch {
    return `${format('UTC', seconds).format(date)} UTC`;
  }
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `3 hours ago`, `in 2 days`, `now`. */
export function relative(instant: string | Date, now: Date = new Date()): string {
  const seconds = (new Date(instant).getTime() - now.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}
