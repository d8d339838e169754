/** Types of the catalogue as the editor's inputs need them. */
import type { FieldInfo, PropertyInfo } from '@/api/catalogue';
import type { PropertyOption } from './inputs/ChecksInput';
import type { FieldType } from './model/values';

const TYPES: ReadonlySet<string> = new Set<FieldType>([
  'text',
  'number',
  'boolean',
  'date',
  'list',
]);

/** Undefined for what is mixed or has parts of its own. */
export const fieldType = (type: string): FieldType | undefined =>
  TYPES.has(type) ? (type as FieldType) : undefined;

/** "number · 12, 30, 45". */
export function aboutInfo({ type, examples }: Pick<PropertyInfo, 'type' | 'examples'>): string {
  const shown = examples.slice(0, 3).map(String).join(', ');
  return shown ? `${type} · ${shown}` : type;
}

export const asOption = (info: PropertyInfo | FieldInfo): PropertyOption => ({
  name: info.name,
  about: aboutInfo(info),
  type: fieldType(info.type),
});

const ORDER: readonly (readonly [string, FieldType])[] = [
  ['orderId', 'text'],
  ['status', 'text'],
  ['total', 'number'],
  ['currency', 'text'],
  ['timestamp', 'date'],
  ['created_at', 'date'],
  ['updated_at', 'date'],
  ['items.sku', 'text'],
  ['items.quantity', 'number'],
  ['items.price', 'number'],
];

/** What the filter of an order sees. */
export const ORDER_PROPERTIES: readonly PropertyOption[] = ORDER.map(([name, type]) => ({
  name,
  about: type,
  type,
}));
