/** Edits of a tree. Each gives a new tree that shares what did not change. */
import { type Group, isGroup, newId, type Row, type Tree } from './tree';

/** Replace a row by what `change` makes of it: several rows, or none. */
function replace(group: Group, id: string, change: (row: Row) => readonly Row[]): Group {
  let changed = false;
  const rows = group.rows.flatMap((row): readonly Row[] => {
    if (row.id === id) {
      changed = true;
      return change(row);
    }
    if (!isGroup(row)) return [row];
    const inner = replace(row, id, change);
    if (inner !== row) changed = true;
    return [inner];
  });
  return changed ? { ...group, rows } : group;
}

const withRoot = (tree: Tree, root: Group): Tree => (root === tree.root ? tree : { ...tree, root });

export function update(tree: Tree, id: string, change: (row: Row) => Row): Tree {
  if (tree.root.id === id) {
    const root = change(tree.root);
    // A root that somebody chose something about is one that is written.
    return isGroup(root) ? { root, implicit: tree.implicit && root.kind === tree.root.kind } : tree;
  }
  return withRoot(
    tree,
    replace(tree.root, id, (row) => [change(row)]),
  );
}

export const remove = (tree: Tree, id: string): Tree =>
  withRoot(
    tree,
    replace(tree.root, id, () => []),
  );

/** Put a row into a group at a place; without one, at its end. */
export const insert = (tree: Tree, groupId: string, row: Row, at?: number): Tree =>
  update(tree, groupId, (group) =>
    isGroup(group)
      ? { ...group, rows: group.rows.toSpliced(at ?? group.rows.length, 0, row) }
      : group,
  );

export const duplicate = (tree: Tree, id: string): Tree =>
  withRoot(
    tree,
    replace(tree.root, id, (row) => [row, copied(row)]),
  );

const copied = (row: Row): Row =>
  isGroup(row) ? { ...row, id: newId(), rows: row.rows.map(copied) } : { ...row, id: newId() };

/** Put a row into a new group of its own. */
export const wrap = (tree: Tree, id: string, kind: Group['kind']): Tree =>
  withRoot(
    tree,
    replace(tree.root, id, (row) => [{ id: newId(), nots: 0, kind, rows: [row] }]),
  );

/** Put the rows of a group in its place. A negated group means another thing, and stays. */
export const unwrap = (tree: Tree, id: string): Tree =>
  withRoot(
    tree,
    replace(tree.root, id, (row) => (isGroup(row) && row.nots === 0 ? row.rows : [row])),
  );

export function find(tree: Tree, id: string): Row | null {
  return findIn(tree.root, id);
}

function findIn(row: Row, id: string): Row | null {
  if (row.id === id) return row;
  if (!isGroup(row)) return null;
  for (const inner of row.rows) {
    const found = findIn(inner, id);
    if (found) return found;
  }
  return null;
}

export interface Place {
  readonly group: Group;
  readonly index: number;
}

/** The group that a row is in, and its place there; null for the root. */
export function placeOf(tree: Tree, id: string): Place | null {
  return placeIn(tree.root, id);
}

function placeIn(group: Group, id: string): Place | null {
  const index = group.rows.findIndex((row) => row.id === id);
  if (index >= 0) return { group, index };
  for (const row of group.rows) {
    const found = isGroup(row) ? placeIn(row, id) : null;
    if (found) return found;
  }
  return null;
}

/** Move a row so that it stands before what is at `at` in a group now. Never into itself. */
export function move(tree: Tree, id: string, groupId: string, at: number): Tree {
  const from = placeOf(tree, id);
  const row = find(tree, id);
  if (from === null || row === null || findIn(row, groupId) !== null) return tree;
  const same = from.group.id === groupId;
  if (same && (at === from.index || at === from.index + 1)) return tree;
  const place = same && at > from.index ? at - 1 : at;
  return insert(remove(tree, id), groupId, row, place);
}

/** One step up (-1) or down (1): past a row, into the group beside it, or out of its own. */
export function step(tree: Tree, id: string, by: -1 | 1): Tree {
  const from = placeOf(tree, id);
  if (from === null) return tree;
  const beside = from.group.rows[from.index + by];
  if (beside === undefined) {
    const above = placeOf(tree, from.group.id);
    if (above === null) return tree;
    return move(tree, id, above.group.id, by < 0 ? above.index : above.index + 1);
  }
  if (isGroup(beside)) return move(tree, id, beside.id, by < 0 ? beside.rows.length : 0);
  return move(tree, id, from.group.id, by < 0 ? from.index - 1 : from.index + 2);
}
