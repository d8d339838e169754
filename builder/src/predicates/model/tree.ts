/**
 * A predicate as rows: groups and leaves with ids. Writing what was read gives the same JSON.
 *
 * `not` belongs to what it negates, so a row is switched over without being rebuilt. The root is
 * always a group; one that was not written stays unwritten while it holds a single row.
 */
import { isObject, type Json, type LeafKind, leafKind } from './kinds';

interface Base {
  readonly id: string;
  /** How many `not` stand around it. */
  readonly nots: number;
}

export interface Group extends Base {
  readonly kind: 'all' | 'any';
  readonly rows: readonly Row[];
}

export interface Leaf extends Base {
  readonly kind: LeafKind;
  readonly json: Json;
}

/** What this editor does not know: kept as it is. */
export interface Raw extends Base {
  readonly kind: 'raw';
  readonly json: unknown;
}

export type Row = Group | Leaf | Raw;

export interface Tree {
  readonly root: Group;
  /** The root was not written: only its single row is. */
  readonly implicit: boolean;
}

export const isGroup = (row: Row): row is Group => row.kind === 'all' || row.kind === 'any';

let last = 0;
export const newId = (): string => {
  last += 1;
  return `r${last}`;
};

export function readTree(json: unknown): Tree {
  const row = readRow(json);
  if (isGroup(row)) return { root: row, implicit: false };
  return { root: { id: newId(), nots: 0, kind: 'all', rows: [row] }, implicit: true };
}

export function writeTree({ root, implicit }: Tree): unknown {
  const [only, ...more] = root.rows;
  const bare = implicit && root.nots === 0 && only !== undefined && more.length === 0;
  return writeRow(bare ? only : root);
}

export function readRow(json: unknown): Row {
  const id = newId();
  let nots = 0;
  let inner = json;
  while (only(inner, 'not')) {
    inner = inner.not;
    nots += 1;
  }
  const kind = only(inner, 'all') ? 'all' : only(inner, 'any') ? 'any' : null;
  if (kind !== null && isObject(inner)) {
    const parts = inner[kind];
    if (Array.isArray(parts)) return { id, nots, kind, rows: parts.map(readRow) };
  }
  const leaf = leafKind(inner);
  if (leaf !== null && isObject(inner)) return { id, nots, kind: leaf, json: inner };
  return { id, nots, kind: 'raw', json: inner };
}

export function writeRow(row: Row): unknown {
  let json: unknown = isGroup(row) ? { [row.kind]: row.rows.map(writeRow) } : row.json;
  for (let count = 0; count < row.nots; count += 1) json = { not: json };
  return json;
}

const only = <Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> =>
  isObject(value) && Object.hasOwn(value, key) && Object.keys(value).length === 1;

/** All rows from the top, groups before what is in them. */
export function* allRows(row: Row): Generator<Row> {
  yield row;
  if (isGroup(row)) for (const inner of row.rows) yield* allRows(inner);
}

export const countRows = (row: Row): number =>
  isGroup(row) ? row.rows.reduce((sum, inner) => sum + countRows(inner), 1) : 1;

/** The deepest nesting below a row. */
export const depthOf = (row: Row): number =>
  isGroup(row) ? 1 + row.rows.reduce((most, inner) => Math.max(most, depthOf(inner)), 0) : 0;
