/** Starts and stops in words. */
import { checksWords } from '@/predicates/words';
import type { Definition, LaunchSchedule, Reentry, Start, Stop } from '../model/types';
import { durationWords } from './durations';
import { listed, momentWords, zoneWords } from './waits';

const where = (checks: Parameters<typeof checksWords>[0]): string => {
  const said = checksWords(checks);
  return said && `where ${said}`;
};

/** "When Workout Planned happens, where minutes is at least 20". */
export function startWords(start: Start): string {
  switch (start.kind) {
    case 'event':
      return listed([`When ${start.event || '…'} happens`, where(start.where)]);
    case 'field_change':
      return `When ${start.field || '…'} changes${changeWords(start.from, start.to)}`;
    case 'segment':
      return start.schedule === 'entry' || start.schedule.entry
        ? `When a contact enters segment ${start.segment || '…'}`
        : listed([
            `Everybody in segment ${start.segment || '…'}, ${scheduleWords(start.schedule)}`,
            start.spread ? `spread over ${durationWords(start.spread)}` : '',
          ]);
    case 'event_for_segment':
      return listed([
        `When ${start.event || '…'} happens, everybody in segment ${start.segment || '…'}`,
        where(start.where),
      ]);
  }
}

type Values = readonly unknown[] | null | undefined;

function changeWords(from: Values, to: Values): string {
  const said = (values: Values): string =>
    (values ?? []).map((value) => (value === null ? 'nothing' : String(value))).join(' or ');
  return `${from?.length ? ` from ${said(from)}` : ''}${to?.length ? ` to ${said(to)}` : ''}`;
}

/** "on Mondays at 09:00" needs a reader of cron; the line itself is exact. */
function scheduleWords(schedule: LaunchSchedule): string {
  const zone = schedule.timezone ? zoneWords(schedule.timezone) : '';
  if (schedule.at) return listed([`on ${momentWords(schedule.at)}`, zone]);
  return listed([cronWords(schedule.cron ?? ''), zone]);
}

const DAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
];

/** The common lines in words: every day, a weekday, a day of the month; others as they are. */
export function cronWords(cron: string): string {
  const [minute, hour, day, month, weekday, more] = cron.trim().split(/\s+/);
  const plain = /^\d{1,2}$/;
  if (!minute || !hour || more !== undefined || month !== '*' || !plain.test(minute)) {
    return `by schedule ${cron || '…'}`;
  }
  if (hour === '*' && day === '*' && weekday === '*') return `every hour at minute ${minute}`;
  if (!plain.test(hour)) return `by schedule ${cron}`;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (day === '*' && weekday === '*') return `every day at ${time}`;
  if (day === '*' && weekday === '1-5') return `Monday to Friday at ${time}`;
  if (day === '*' && /^[0-7]$/.test(weekday ?? ''))
    return `every ${DAYS[Number(weekday)]} at ${time}`;
  if (plain.test(day ?? '') && weekday === '*') return `on day ${day} of each month at ${time}`;
  return `by schedule ${cron}`;
}

/** How often a contact may enter, and what happens to a journey that runs already. */
export function reentryWords(start: Start): string {
  const reentry: Reentry = start.reentry ?? {};
  const per = reentry.key?.length ? ` for each ${reentry.key.join(' and ')}` : '';
  const often = {
    once: `Once${per}`,
    always: `As often as it happens`,
    after: `Again after ${durationWords(reentry.after ?? '')}${per}`,
  }[reentry.mode ?? 'always'];
  const overlap = {
    skip: 'never twice at once',
    parallel: 'also in parallel',
    restart: 'a new start replaces the running one',
  }[start.overlap ?? 'skip'];
  return `${often}, ${overlap}`;
}

/** "Stop when Workout Completed happens, with the same plan_id". */
export function stopWords(stop: Stop): string {
  if (stop.kind === 'segment') return `The contact is in segment ${stop.segment || '…'}`;
  const same = stop.same?.length ? `with the same ${stop.same.join(', ')}` : '';
  const before = stop.lookback ? `also up to ${durationWords(stop.lookback)} before the start` : '';
  const what =
    stop.kind === 'event'
      ? `${stop.events.join(' or ') || '…'} happens`
      : `An order is ${(stop.status ?? []).join(' or ').replaceAll('_', ' ') || 'changed'}`;
  return listed([what, where(stop.where), same, before]);
}

export const rulesOf = (definition: Definition): string[] => [
  startWords(definition.start),
  ...(definition.stop ?? []).map((stop) => `Stop: ${stopWords(stop)}`),
];
