import type { Check } from './types';

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i;
const INSTANT = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d[\d:.]*(Z|[+-]\d\d[\d:]*)?)?$/i;
/** Weeks to seconds; months are no fixed time. */
const SHIFT = /^-?P(\d+[WD])*(T(\d+[HMS])+)?$/;
const SECONDS: Record<string, number> = { W: 604800, D: 86400, H: 3600, M: 60, S: 1 };
const TRUE = /^([tT]rue|TRUE)$/;
const FALSE = /^([fF]alse|FALSE)$/;

/**
 * Whether an event's properties hold against all checks, by the rules of docs/predicates.md.
 * `properties` are plain JSON, in which nothing but null is missing.
 */
export function holds(checks: Check[], properties: unknown, now = Date.now()): boolean {
  return checks.every(({ param, op, value }) => {
    const found = valuesAt(properties, param).filter((left) => left != null);
    if (op === 'missing') return !found.length;
    if (op === 'exists') return found.length > 0;
    return value != null && found.some((left) => compare(left, op, value, now));
  });
}

function compare(left: unknown, op: string, right: unknown, now: number): boolean {
  const equal = [right].flat().some((item) => item != null && same(left, item));
  if (op === '=' || op === 'in') return equal;
  if (op === '!=' || op === 'not_in') return !equal;
  if (op === 'contains' && Array.isArray(left)) return left.some((item) => same(item, right));
  const texts = typeof left === 'string' && typeof right === 'string';
  if (op === 'contains') return texts && left.includes(right);
  if (op === 'starts_with') return texts && left.startsWith(right);
  if (op === 'ends_with') return texts && left.endsWith(right);
  const dates = op === 'before' || op === 'after';
  const number = dates ? null : numberOf(right);
  if (number !== null) return ordered(numberOf(left), op, number);
  const moment = instantOf(right, now);
  if (dates || moment !== null) return ordered(instantOf(left), op, moment);
  return texts && ordered(left, op, right);
}

function ordered<T extends number | string>(left: T | null, op: string, right: T | null): boolean {
  if (left === null || right === null) return false;
  const fitting = left < right ? '< <= before' : left > right ? '> >= after' : '<= >=';
  return fitting.split(' ').includes(op);
}

function same(left: unknown, right: unknown): boolean {
  if (typeof left === typeof right) return left === right;
  const [bool, other] = typeof left === 'boolean' ? [left, right] : [right, left];
  if (typeof bool === 'boolean')
    return typeof other === 'string' && (bool ? TRUE : FALSE).test(other);
  const number = numberOf(right);
  return number !== null && numberOf(left) === number;
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.length <= 100 && NUMBER.test(value) ? +value : null;
}

/** Milliseconds since 1970 of a moment, or of `now` moved by a duration. */
function instantOf(value: unknown, now?: number): number | null {
  if (typeof value !== 'string') return null;
  if (now && SHIFT.test(value)) {
    let total = 0;
    for (const [, count, unit = ''] of value.matchAll(/(\d+)(\w)/g))
      total += Number(count) * (SECONDS[unit] ?? 0);
    return now + total * (value[0] === '-' ? -1000 : 1000);
  }
  const found = INSTANT.exec(value);
  // Without a zone, as everywhere in the engine, it is UTC; the browser would take its own.
  const zone = found?.[1] && !found[2] ? 'Z' : '';
  return found && Date.parse(value.replace(' ', 'T') + zone);
}

/** All values that a dotted name leads to; a list stands for each of its items. */
function valuesAt(node: unknown, name: string): unknown[] {
  if (Array.isArray(node)) return node.flatMap((item) => valuesAt(item, name));
  if (typeof node !== 'object' || !node) return [];
  const object = node as Record<string, unknown>;
  if (Object.hasOwn(object, name)) return [object[name]];
  const [head = ''] = name.split('.', 1);
  return head !== name && Object.hasOwn(object, head)
    ? valuesAt(object[head], name.slice(head.length + 1))
    : [];
}
