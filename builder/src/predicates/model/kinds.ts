/** The leaves of the language: which kind a piece of JSON is, and what a new one begins as. */
import type { ParamCheck, Predicate } from '@/canvas/model/types';

export type Op = NonNullable<ParamCheck['op']>;
export type Value = NonNullable<ParamCheck['value']>;
export type Scalar = string | number | boolean;
export type Json = Readonly<Record<string, unknown>>;

export type LeafOf<Key extends string> = Extract<Predicate, Record<Key, unknown>>;
export type FieldLeaf = LeafOf<'field'>;
export type EventLeaf = LeafOf<'event'>;
export type OrderLeaf = LeafOf<'order'>;
export type SegmentLeaf = LeafOf<'segment'>;
export type MessageLeaf = LeafOf<'message'>;
export type ReachableLeaf = LeafOf<'reachable'>;
export type NowLeaf = LeafOf<'now'>;
export type ParamLeaf = LeafOf<'param'>;
export type Order = OrderLeaf['order'];
export type Count = NonNullable<EventLeaf['times']>;

export const OPS: readonly Op[] = [
  '=',
  '!=',
  'in',
  'not_in',
  '>',
  '>=',
  '<',
  '<=',
  'contains',
  'starts_with',
  'ends_with',
  'before',
  'after',
  'exists',
  'missing',
];
export const COUNT_OPS = ['>=', '>', '=', '!=', '<', '<='] as const;
export const ORDER_STATES = [
  'initialized',
  'in_progress',
  'delivered',
  'cancelled',
  'abandoned',
] as const;
export const MESSAGE_STATES = ['sent', 'delivered', 'opened', 'clicked', 'failed'] as const;
export const CHANNELS = ['email', 'push', 'in_app', 'inbox', 'sms', 'web_push', 'webhook'] as const;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export type LeafKind =
  | 'field'
  | 'event'
  | 'order'
  | 'segment'
  | 'message'
  | 'reachable'
  | 'now'
  | 'param';

export const LEAF_LABELS: Readonly<Record<LeafKind, string>> = {
  field: 'Contact field',
  event: 'Event',
  order: 'Orders',
  segment: 'Segment',
  message: 'Message',
  reachable: 'Reachable by',
  now: 'Day and time now',
  param: 'Parameter',
};

/** A leaf as it begins, with gaps to fill. */
export const NEW_LEAF: Readonly<Record<LeafKind, Predicate>> = {
  field: { field: '', op: '=', value: '' },
  event: { event: '', within: 'P30D' },
  order: { order: { status: ['delivered'] } },
  segment: { segment: '' },
  message: { message: { block: 'last', state: 'opened' } },
  reachable: { reachable: 'email' },
  now: { now: { from: '08:00', to: '20:00' } },
  param: { param: '', op: '=', value: '' },
};

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isScalar: Check = (value) =>
  isText(value) ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const among =
  (words: readonly string[]): Check =>
  (value) =>
    isText(value) && words.includes(value as string);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

/** An object with all of `needed`, perhaps some of `optional`, and nothing else. */
const shape =
  (needed: Record<string, Check>, optional: Record<string, Check> = {}): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(needed).every(([key, check]) => key in value && check(value[key])) &&
    Object.entries(value).every(
      ([key, inner]) => key in needed || (optional[key]?.(inner) ?? false),
    );

const isRef = shape({ param: isText });
const isValue: Check = (value) =>
  value === null || isScalar(value) || listOf(isScalar)(value) || isRef(value);
const COMPARED = { op: among(OPS), value: isValue };
const isCheck = shape({ param: isText }, COMPARED);
const isCount = shape(
  { value: (value) => typeof value === 'number' && Number.isFinite(value) },
  { op: among(COUNT_OPS) },
);
const COUNTED = { where: listOf(isCheck), within: orNull(isText) };

const SHAPES: Readonly<Record<LeafKind, Check>> = {
  field: shape({ field: isText }, COMPARED),
  param: shape({ param: isText }, COMPARED),
  event: shape({ event: isText }, { ...COUNTED, times: isCount }),
  order: shape({
    order: shape(
      {},
      {
        ...COUNTED,
        status: listOf(among(ORDER_STATES)),
        times: orNull(isCount),
        total: orNull(isCount),
      },
    ),
  }),
  segment: shape(
    { segment: isText },
    { params: (value) => isObject(value) && Object.values(value).every(isValue) },
  ),
  message: shape({
    message: shape({ block: isText, state: among(MESSAGE_STATES) }, { link: orNull(isText) }),
  }),
  reachable: shape({ reachable: among(CHANNELS) }),
  now: shape({
    now: shape(
      {},
      {
        weekdays: listOf(among(DAYS)),
        from: orNull(isText),
        to: orNull(isText),
        date: orNull(isText),
        timezone: isText,
      },
    ),
  }),
};
export const LEAF_KINDS = Object.keys(SHAPES) as LeafKind[];

/** The kind of a leaf that can be edited without losing a part of it; null for any other JSON. */
export function leafKind(value: unknown): LeafKind | null {
  if (!isObject(value)) return null;
  const kind = LEAF_KINDS.find((one) => Object.hasOwn(value, one) && SHAPES[one](value));
  return kind ?? null;
}
