/** Where rows are in the JSON, what is missing in them, and to whom an error of the server belongs. */
import type { ProblemIssue } from '@/api/problem';
import type { Json } from './kinds';
import { allRows, type Group, isGroup, type Row, type Tree } from './tree';
import { takesNone } from './values';

export interface RowIssue {
  /** The path within the row: `value`, `where[0].op`; empty for the row as a whole. */
  readonly part: string;
  readonly message: string;
}

/** The JSON path of every row, and the row that it is. */
function paths({ root, implicit }: Tree): [path: string, row: Row][] {
  const found: [string, Row][] = [];
  const [only] = root.rows;
  if (implicit && only && root.rows.length === 1 && root.nots === 0) walk(only, '', found);
  else walk(root, '', found);
  return found;
}

function walk(row: Row, at: string, found: [string, Row][]): void {
  const inner = at + '.not'.repeat(row.nots);
  // Errors about the `not` itself belong to what it negates.
  found.push([at, row]);
  if (isGroup(row)) {
    for (const [index, part] of row.rows.entries()) {
      walk(part, `${inner}.${row.kind}[${index}]`, found);
    }
  }
}

/** The issues of each row by its id; `base` is the path of the whole predicate in what was sent. */
export function placeIssues(
  tree: Tree,
  issues: readonly ProblemIssue[],
  base = '$.where',
): Map<string, RowIssue[]> {
  const placed = new Map<string, RowIssue[]>();
  const all = paths(tree);
  for (const { path, message } of issues) {
    const below = path.startsWith(base) ? path.slice(base.length) : path.replace(/^\$/, '');
    let best: [string, Row] = ['', tree.root];
    for (const place of all) {
      if (leads(place[0], below) && place[0].length >= best[0].length) best = place;
    }
    const part = below
      .slice(best[0].length)
      .replace(/^(\.not)+/, '')
      .replace(/^\./, '');
    const list = placed.get(best[1].id) ?? [];
    list.push({ part, message });
    placed.set(best[1].id, list);
  }
  return placed;
}

const leads = (place: string, path: string): boolean =>
  path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`);

/** The first message about a part of a row, or what lies in it. */
export const messageAt = (issues: readonly RowIssue[], part: string): string | undefined =>
  issues.find(
    ({ part: at }) => at === part || at.startsWith(`${part}.`) || at.startsWith(`${part}[`),
  )?.message;

/** Whether something is yet to be filled in, so that asking the server makes no sense. */
export function hasGaps(root: Group): boolean {
  for (const row of allRows(root)) if (!isGroup(row) && gapsOf(row).length > 0) return true;
  return false;
}

/** The parts of a leaf that are empty and must not be. */
export function gapsOf(row: Exclude<Row, Group>): string[] {
  if (row.kind === 'raw') return [];
  const json = row.json;
  switch (row.kind) {
    case 'field':
    case 'param':
      return compared(json, row.kind, '');
    case 'event':
      return [...missing(json, 'event', ''), ...checks(json.where, 'where')];
    case 'order':
      return checks((json.order as Json).where, 'order.where');
    case 'segment':
      return missing(json, 'segment', '');
    case 'message':
      return missing(json.message as Json, 'block', 'message.');
    default:
      return [];
  }
}

const missing = (json: Json, key: string, before: string): string[] =>
  json[key] === '' ? [before + key] : [];

function compared(json: Json, key: string, before: string): string[] {
  const { op, value } = json as { op?: string; value?: unknown };
  const empty =
    !takesNone(op) &&
    (value === undefined ||
      value === null ||
      value === '' ||
      (Array.isArray(value) && value.length === 0) ||
      (typeof value === 'object' && 'param' in value && value.param === ''));
  return [...missing(json, key, before), ...(empty ? [`${before}value`] : [])];
}

const checks = (where: unknown, at: string): string[] =>
  Array.isArray(where)
    ? where.flatMap((check: Json, index) => compared(check, 'param', `${at}[${index}].`))
    : [];

/** Names of the parameters that right sides and `param` leaves take. */
export function paramsIn(root: Group): string[] {
  const names = new Set<string>();
  for (const row of allRows(root))
    if (!isGroup(row)) collect(row.json, row.kind === 'param', names);
  return [...names].sort();
}

function collect(json: unknown, own: boolean, names: Set<string>): void {
  if (typeof json !== 'object' || json === null) return;
  if (Array.isArray(json)) {
    for (const one of json) collect(one, false, names);
    return;
  }
  const object = json as Json;
  const keys = Object.keys(object);
  const reference = own || (keys.length === 1 && keys[0] === 'param');
  if (reference && typeof object.param === 'string' && object.param) names.add(object.param);
  for (const inner of Object.values(object)) collect(inner, false, names);
}

/** What speaks of the journey, which a count of contacts knows nothing of. */
export const ofJourney = (root: Group): boolean =>
  [...allRows(root)].some(
    (row) =>
      !isGroup(row) &&
      (row.kind === 'message' ||
        row.kind === 'param' ||
        /"within":"journey"|\{"param":"[^"]*"\}/.test(JSON.stringify(row.json))),
  );
