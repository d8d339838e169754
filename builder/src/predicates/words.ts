/** A predicate in words: "plan is premium and has done Workout Completed in the last 7 days". */
import type { ParamCheck, Predicate } from '@/canvas/model/types';
import { durationWords, readDuration } from '@/canvas/words/durations';
import { listed, momentWords, weekdayWords, zoneWords } from '@/canvas/words/waits';

type Op = NonNullable<ParamCheck['op']>;
type Value = ParamCheck['value'];

export const OP_WORDS: Readonly<Record<Op, string>> = {
  '=': 'is',
  '!=': 'is not',
  '>': 'is more than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
  in: 'is one of',
  not_in: 'is none of',
  contains: 'contains',
  starts_with: 'starts with',
  ends_with: 'ends with',
  exists: 'is known',
  missing: 'is not known',
  before: 'is before',
  after: 'is after',
};

const CHANNELS: Readonly<Record<string, string>> = {
  email: 'email',
  push: 'push',
  in_app: 'in-app message',
  inbox: 'app inbox',
  sms: 'SMS',
  web_push: 'web push',
  webhook: 'webhook',
};
export const channelWords = (channel: string): string => CHANNELS[channel] ?? channel;

/** "premium", "the event's plan", "3 days ago". */
export function valueWords(value: Value, op?: string): string {
  if (value === null || value === undefined || value === '') return '…';
  if (Array.isArray(value)) return value.map((one) => valueWords(one)).join(', ') || '…';
  if (typeof value === 'object') return `the event’s ${value.param || '…'}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') {
    const duration = readDuration(value);
    if (duration) return `${durationWords(value)} ${duration.negative ? 'ago' : 'from now'}`;
    if (op === 'before' || op === 'after') return momentWords(value);
  }
  return String(value);
}

interface Comparison {
  readonly op?: string | undefined;
  readonly value?: Value | undefined;
}

function comparisonWords(name: string, { op = '=', value }: Comparison): string {
  const says = OP_WORDS[op as Op] ?? op;
  if (op === 'exists' || op === 'missing') return `${name || '…'} ${says}`;
  return `${name || '…'} ${says} ${valueWords(value, op)}`;
}

/** The filter of an event or order: "minutes is at least 20 and kind is run"; empty for none. */
export const checksWords = (checks: readonly ParamCheck[] | null | undefined): string =>
  (checks ?? []).map((check) => comparisonWords(check.param, check)).join(' and ');

/** "has done X at least 2 times in the last 7 days, where …". */
export function predicateWords(predicate: Predicate): string {
  return words(predicate, 0);
}

function words(predicate: Predicate, depth: number): string {
  if ('all' in predicate) return group(predicate.all, ' and ', 'everybody', depth);
  if ('any' in predicate) return group(predicate.any, ' or ', 'nobody', depth);
  if ('not' in predicate) return `not (${words(predicate.not, 0)})`;
  if ('field' in predicate) return comparisonWords(predicate.field, predicate);
  if ('event' in predicate) {
    const often = timesWords(predicate.times);
    const never = often === 'never';
    return listed([
      [
        never ? 'has never done' : 'has done',
        predicate.event || '…',
        never ? '' : often,
        windowWords(predicate.within),
      ]
        .filter(Boolean)
        .join(' '),
      whereWords(predicate.where),
    ]);
  }
  if ('order' in predicate) return orderWords(predicate.order);
  if ('segment' in predicate) return `is in segment ${predicate.segment || '…'}`;
  if ('message' in predicate) {
    const { block, state, link } = predicate.message;
    const which =
      block === 'last'
        ? 'the last message'
        : block === 'all'
          ? 'every message'
          : `message ${block}`;
    return `${which} was ${state}${link ? ` (${link})` : ''}`;
  }
  if ('reachable' in predicate) return `can be reached by ${channelWords(predicate.reachable)}`;
  if ('now' in predicate) return nowWords(predicate.now);
  if ('param' in predicate) return comparisonWords(`the event’s ${predicate.param}`, predicate);
  return 'something this page does not know';
}

function group(parts: readonly Predicate[], joint: string, none: string, depth: number): string {
  if (parts.length === 0) return none;
  const said = parts.map((part) => words(part, depth + 1)).join(joint);
  return depth > 0 && parts.length > 1 ? `(${said})` : said;
}

type Count = { readonly op?: string; readonly value: number };

function timesWords(times: Count | null | undefined): string {
  const { op = '>=', value = 1 } = times ?? {};
  const often = `${value} ${value === 1 ? 'time' : 'times'}`;
  if ((op === '=' && value === 0) || (op === '<' && value === 1) || (op === '<=' && value === 0)) {
    return 'never';
  }
  if (op === '>=') return value <= 1 ? '' : `at least ${often}`;
  if (op === '=') return `exactly ${often}`;
  return `${{ '>': 'more than', '<': 'less than', '<=': 'at most', '!=': 'other than' }[op] ?? op} ${often}`;
}

function windowWords(within: string | null | undefined): string {
  if (!within) return '';
  return within === 'journey' ? 'since this journey began' : `in the last ${durationWords(within)}`;
}

const whereWords = (where: readonly ParamCheck[] | null | undefined): string => {
  const said = checksWords(where);
  return said && `where ${said}`;
};

type Order = Extract<Predicate, { order: unknown }>['order'];

function orderWords(order: Order): string {
  const status = order.status?.length
    ? `${order.status.join(' or ').replaceAll('_', ' ')} order`
    : 'order';
  const often = order.times ? timesWords(order.times) : '';
  const has =
    often === 'never'
      ? `has no ${status}`
      : `has ${often ? `${often.replace(/ times?$/, '')} ` : 'an '}${status}${often ? 's' : ''}`;
  const total = order.total
    ? `worth in total ${{ '>=': 'at least', '>': 'more than', '<': 'less than', '<=': 'at most', '=': 'exactly', '!=': 'not' }[order.total.op ?? '>='] ?? ''} ${order.total.value}`
    : '';
  return listed([
    [has, windowWords(order.within)].filter(Boolean).join(' '),
    total,
    whereWords(order.where),
  ]);
}

type Now = Extract<Predicate, { now: unknown }>['now'];

function nowWords(now: Now): string {
  const hours =
    now.from && now.to
      ? `${now.from}–${now.to}`
      : now.from
        ? `after ${now.from}`
        : now.to
          ? `before ${now.to}`
          : '';
  const parts = [weekdayWords(now.weekdays), hours, now.date ? momentWords(now.date) : ''];
  return `it is ${listed([...parts, zoneWords(now.timezone)])}`;
}
