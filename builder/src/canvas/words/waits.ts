/** Days, hours and waits in words: "Wait until 09:00, Mon–Fri, contact's time". */
import type { AllowedHours, Until, Wait, Weekday } from '../model/types';
import { durationWords, offsetWords } from './durations';

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const DAY_NAMES: Readonly<Record<Weekday, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};

/** "Mon–Fri", "Sat, Sun"; empty when every day is meant. */
export function weekdayWords(days: readonly Weekday[] | null | undefined): string {
  const chosen = WEEKDAYS.map((day) => days?.includes(day) ?? false);
  if (!chosen.includes(true) || !chosen.includes(false)) return '';
  const runs: string[] = [];
  for (let from = 0; from < 7; from += 1) {
    if (!chosen[from]) continue;
    let to = from;
    while (chosen[to + 1]) to += 1;
    const name = (at: number): string => DAY_NAMES[WEEKDAYS[at] ?? 'mon'];
    if (to - from >= 2) runs.push(`${name(from)}–${name(to)}`);
    else for (let at = from; at <= to; at += 1) runs.push(name(at));
    from = to;
  }
  return runs.join(', ');
}

/** "contact's time", or the name of the zone. */
export const zoneWords = (zone: string | null | undefined): string =>
  !zone || zone === 'contact' ? 'contact’s time' : `${zone.replaceAll('_', ' ')} time`;

/** "24 Dec 2026, 10:00" for a local date and time; anything else as it is. */
export function momentWords(text: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}))?(.*)$/.exec(text);
  if (!match) return text || 'a moment';
  const months = [
    'Jan',
    'Feb',
    'Mar',
    'Apr',
    'May',
    'Jun',
    'Jul',
    'Aug',
    'Sep',
    'Oct',
    'Nov',
    'Dec',
  ];
  const date = `${Number(match[3])} ${months[Number(match[2]) - 1] ?? match[2]} ${match[1]}`;
  const offset = (match[5] ?? '').replace(/^:\d{2}(\.\d+)?/, '');
  return [date, match[4]].filter(Boolean).join(', ') + (offset && ` (${offset})`);
}

export const listed = (parts: readonly string[]): string => parts.filter(Boolean).join(', ');

function untilWords(until: Until, zone: string | undefined): string {
  if ('time' in until) {
    const clock = until.timezone && until.timezone !== 'contact' ? until.timezone : zone;
    return listed([`until ${until.time}`, weekdayWords(until.weekdays), zoneWords(clock)]);
  }
  const offset = offsetWords(until.offset);
  const of = (what: string): string => `until ${[offset, what].filter(Boolean).join(' ')}`;
  if ('field' in until) return of(`the contact’s ${until.field || '…'}`);
  if ('param' in until) return of(`the event’s ${until.param || '…'}`);
  return of(`the order’s ${until.order.replace(/^items\./, 'item ') || '…'}`);
}

/** "Wait 1 day", "Wait 2 days, then until 09:00, contact's time". */
export function waitWords(wait: Wait): string {
  if (wait.at) return `Wait until ${momentWords(wait.at)}${zoneSuffix(wait)}`;
  const parts: string[] = [];
  if (wait.for) parts.push(durationWords(wait.for));
  if (wait.until) parts.push(untilWords(wait.until, wait.timezone));
  return parts.length > 0 ? `Wait ${parts.join(', then ')}` : 'Wait';
}

const zoneSuffix = (wait: Wait): string =>
  wait.at && /([zZ]|[+-]\d{2}:?\d{2})$/.test(wait.at) ? '' : `, ${zoneWords(wait.timezone)}`;

const OTHERWISE = { wait: '', skip: 'else skipped', send: 'else sent all the same' };

/** "only 08:00–21:00, Mon–Fri, else skipped". */
export function hoursWords(hours: AllowedHours | null | undefined): string {
  if (!hours) return '';
  const { from, to, weekdays, otherwise = 'wait' } = hours;
  return listed([`only ${from}–${to}`, weekdayWords(weekdays), OTHERWISE[otherwise]]);
}
