/** What the columns of a file become, as it is chosen here. */
import type { CellType, Import, ImportKind, Mapping, Target } from '@/api/imports';

/** What each kind knows by name; everything else is a custom field, a property or a part of items. */
export const TARGETS: Readonly<Record<ImportKind, readonly string[]>> = {
  contacts: ['userId', 'anonymousId', 'email', 'phone', 'timezone', 'locale', 'createdAt'],
  events: ['event', 'userId', 'anonymousId', 'timestamp', 'messageId'],
  orders: ['orderId', 'userId', 'status', 'total', 'currency', 'timestamp', 'items.sku'],
};

export const KINDS: readonly { value: ImportKind; label: string; needs: string }[] = [
  { value: 'contacts', label: 'Contacts', needs: 'a column with the user id' },
  { value: 'events', label: 'Events', needs: 'the event’s name and whose it is' },
  { value: 'orders', label: 'Orders', needs: 'order id, user id and status' },
];

/** Columns that are known by name have the type that they need. */
export const isCustom = (kind: ImportKind, to: string): boolean => !TARGETS[kind].includes(to);

type Column = Import['mapping'][number];

export interface Choice {
  to: string | null;
  type: CellType | null;
}

/** What is chosen for a column: by hand, or else as it was detected. */
export function choiceOf(column: Column, mapping: Mapping): Choice {
  const chosen = mapping[column.column];
  if (chosen === undefined) return { to: column.to, type: column.type };
  if (chosen === null) return { to: null, type: null };
  return { to: chosen.to ?? column.to, type: chosen.type ?? null };
}

/** The mapping with another choice for a column. */
export function choose(
  mapping: Mapping,
  column: Column,
  kind: ImportKind,
  { to, type }: Choice,
): Mapping {
  let target: Target = null;
  if (to !== null) {
    const format = to === column.to && column.format ? { format: column.format } : {};
    target = { to, ...(type && isCustom(kind, to) ? { type, ...format } : {}) };
  }
  return { ...mapping, [column.column]: target };
}
