/** Right sides: which input edits a value, and what becomes of it when that changes. */
import { readDuration } from '@/canvas/words/durations';
import { isObject, OPS, type Op, type Scalar, type Value } from './kinds';

/** What a field holds, as far as data tells. */
export type FieldType = 'text' | 'number' | 'boolean' | 'date' | 'list';
/** The inputs that edit a value. */
export type Input = 'text' | 'number' | 'boolean' | 'date' | 'ago' | 'param' | 'list' | 'none';

export const INPUT_LABELS: Readonly<Record<Exclude<Input, 'none' | 'list'>, string>> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  date: 'Date',
  ago: 'Relative to now',
  param: 'Parameter',
};

const WITHOUT: ReadonlySet<string> = new Set<Op>(['exists', 'missing']);
const MANY: ReadonlySet<string> = new Set<Op>(['in', 'not_in']);
const MOMENTS: ReadonlySet<string> = new Set<Op>(['before', 'after']);
const TEXTS: ReadonlySet<string> = new Set<Op>(['contains', 'starts_with', 'ends_with']);
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$/;

export const takesNone = (op: string | undefined): boolean => WITHOUT.has(op ?? '=');
export const takesMany = (op: string | undefined): boolean => MANY.has(op ?? '=');
export const isDate = (text: string): boolean => DATE.test(text);

/** The input for a value that is there. */
export function inputOf(op: string | undefined, value: Value | null | undefined): Input {
  if (takesNone(op)) return 'none';
  if (isObject(value)) return 'param';
  if (takesMany(op) || Array.isArray(value)) return 'list';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string' && value !== '') {
    if (readDuration(value)) return 'ago';
    if (isDate(value)) return 'date';
    return 'text';
  }
  return MOMENTS.has(op ?? '') ? 'date' : 'text';
}

const USUAL: Readonly<Record<FieldType, readonly Op[]>> = {
  text: ['=', '!=', 'in', 'not_in', 'contains', 'starts_with', 'ends_with', 'exists', 'missing'],
  number: ['=', '!=', '>', '>=', '<', '<=', 'in', 'exists', 'missing'],
  boolean: ['=', '!=', 'exists', 'missing'],
  date: ['before', 'after', 'exists', 'missing'],
  list: ['contains', '=', 'in', 'not_in', 'exists', 'missing'],
};

/** The comparisons that fit a type, and all others. */
export function opsFor(type: FieldType | undefined): {
  usual: readonly Op[];
  others: readonly Op[];
} {
  const usual = type === undefined ? OPS : USUAL[type];
  return { usual, others: OPS.filter((op) => !usual.includes(op)) };
}

/** What a new comparison with a field of this type begins with. */
export function firstComparison(type: FieldType | undefined): { op: Op; value: Value } {
  if (type === 'number') return { op: '>=', value: 1 };
  if (type === 'boolean') return { op: '=', value: true };
  if (type === 'date') return { op: 'after', value: '-P7D' };
  if (type === 'list') return { op: 'contains', value: '' };
  return { op: '=', value: '' };
}

interface Compared {
  readonly op?: Op;
  readonly value?: Value | null;
}

/**
 * The comparison after somebody chose what is compared. It begins anew as that type wants it unless
 * something was said of it already: another value than what `before` begins with, or none (exists).
 */
export function afterChoice<Part extends Compared>(
  part: Part,
  before: FieldType | undefined,
  chosen: FieldType | undefined,
): Part {
  const first = firstComparison(before);
  const { op = '=', value = '' } = part;
  const empty = op === '=' && (value === '' || value === null);
  const untouched = op === first.op && value === first.value;
  return empty || untouched ? { ...part, ...firstComparison(chosen) } : part;
}

/** The same comparison with another op; the value stays as far as the op can use it. */
export function withOp<Part extends Compared>(part: Part, op: Op, type?: FieldType): Part {
  const { value, ...rest } = part;
  const kept = { ...rest, op } as Part;
  if (takesNone(op)) return kept;
  if (isObject(value)) return { ...kept, value };
  if (takesMany(op)) return { ...kept, value: asList(value) };
  const single = Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
  if (MOMENTS.has(op)) {
    const fits = typeof single === 'string' && (readDuration(single) !== null || isDate(single));
    return { ...kept, value: fits ? single : '-P7D' };
  }
  if (TEXTS.has(op)) return { ...kept, value: String(single) };
  if (type === 'boolean' && single === '') return { ...kept, value: true };
  return { ...kept, value: single };
}

const asList = (value: Value | null | undefined): Scalar[] =>
  Array.isArray(value)
    ? value
    : value === null || value === undefined || value === '' || isObject(value)
      ? []
      : [value];

/** A value of another sort, from the one that was there where that makes sense. */
export function converted(value: Value | null | undefined, to: Input): Value {
  const text = typeof value === 'object' || value === undefined ? '' : String(value);
  if (to === 'number') return Number.isFinite(Number(text)) ? Number(text) : 0;
  if (to === 'boolean') return text === 'true' || text === '';
  if (to === 'date') return isDate(text) ? text : '';
  if (to === 'ago') return readDuration(text) ? text : '-P7D';
  if (to === 'param') return { param: '' };
  if (to === 'list') return asList(value);
  return readDuration(text) || isDate(text) ? '' : text;
}

/** What somebody typed: a number where it reads as one and writes back the same; else the text. */
export function typed(text: string, type?: FieldType): Scalar {
  if (type === 'text') return text;
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && String(number) === text ? number : text;
}

/** What a value looks like it is. */
export function typeOfValue(value: unknown): FieldType {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' && isDate(value) ? 'date' : 'text';
}
