import { describe, expect, it } from 'vitest';
import {
  duplicate,
  find,
  insert,
  move,
  placeOf,
  remove,
  step,
  unwrap,
  update,
  wrap,
} from './edits';
import { CHANNELS, LEAF_KINDS, NEW_LEAF } from './kinds';
import { gapsOf, hasGaps, paramsIn, placeIssues } from './places';
import { predicates, randomOf } from './samples';
import { allRows, countRows, isGroup, readRow, readTree, type Tree, writeTree } from './tree';
import { afterChoice, converted, inputOf, typed, withOp } from './values';

const field = (name: string) => ({ field: name, op: '=', value: 1 });
const names = (tree: Tree): string[] =>
  [...allRows(tree.root)].flatMap((row) =>
    isGroup(row) ? [] : [String((row.json as { field: string }).field)],
  );
const idOf = (tree: Tree, name: string): string =>
  [...allRows(tree.root)].find(
    (row) => !isGroup(row) && (row.json as { field?: string }).field === name,
  )?.id ?? '';

describe('reading and writing', () => {
  it('gives back every predicate of the language as it was, and knows all its leaves', () => {
    const random = randomOf(7);
    for (let round = 0; round < 2_000; round += 1) {
      const predicate = predicates(random);
      const tree = readTree(predicate);
      expect(writeTree(tree)).toStrictEqual(predicate);
      expect([...allRows(tree.root)].filter((row) => row.kind === 'raw')).toStrictEqual([]);
    }
  });

  it('keeps what it does not know', () => {
    const strange = [
      { weather: 'rain' },
      { field: 'plan', op: 'resembles', value: 1 },
      { all: [{ field: 'plan', since: 'P1D' }, { any: 'all' }], more: true },
      { not: { not: { all: [null, 3, 'x', [1]] } } },
      { event: 'A', where: [{ param: 'x', op: '=', value: { nested: true } }] },
      {},
      null,
    ];
    for (const json of strange) expect(writeTree(readTree(json))).toStrictEqual(json);
  });

  it('writes no group around a single row that came without one', () => {
    const tree = readTree(field('a'));
    const more = insert(tree, tree.root.id, readRow(field('b')));
    expect(writeTree(more)).toStrictEqual({ all: [field('a'), field('b')] });
    expect(writeTree(remove(more, idOf(more, 'b')))).toStrictEqual(field('a'));
    const any = update(tree, tree.root.id, (root) =>
      isGroup(root) ? { ...root, kind: 'any' } : root,
    );
    expect(writeTree(any)).toStrictEqual({ any: [field('a')] });
  });

  it('begins every kind of leaf as one that it knows', () => {
    for (const kind of LEAF_KINDS) expect(readRow(NEW_LEAF[kind]).kind).toBe(kind);
    expect(CHANNELS).toHaveLength(7);
  });
});

describe('edits', () => {
  const start = (): Tree =>
    readTree({ all: [field('a'), { any: [field('b'), field('c')] }, field('d')] });

  it('moves a row by steps through groups and back', () => {
    const tree = start();
    const a = idOf(tree, 'a');
    const order: string[] = [];
    let moved = tree;
    for (let count = 0; count < 6; count += 1) {
      moved = step(moved, a, 1);
      order.push(
        JSON.stringify(writeTree(moved)).replace(/\{"field":"(\w)","op":"=","value":1\}/g, '$1'),
      );
    }
    expect(order).toStrictEqual([
      '{"all":[{"any":[a,b,c]},d]}',
      '{"all":[{"any":[b,a,c]},d]}',
      '{"all":[{"any":[b,c,a]},d]}',
      '{"all":[{"any":[b,c]},a,d]}',
      '{"all":[{"any":[b,c]},d,a]}',
      '{"all":[{"any":[b,c]},d,a]}',
    ]);
    for (let count = 0; count < 6; count += 1) moved = step(moved, a, -1);
    expect(writeTree(moved)).toStrictEqual(writeTree(tree));
  });

  it('never moves a group into itself, nor loses a row', () => {
    const random = randomOf(11);
    for (let round = 0; round < 300; round += 1) {
      const tree = readTree(predicates(random));
      const rows = [...allRows(tree.root)];
      const groups = rows.filter(isGroup);
      const id = rows[Math.floor(random() * rows.length)]?.id ?? '';
      const group = groups[Math.floor(random() * groups.length)];
      if (!group) continue;
      const moved = move(tree, id, group.id, Math.floor(random() * (group.rows.length + 1)));
      expect([...allRows(moved.root)].map((row) => row.id).sort()).toStrictEqual(
        rows.map((row) => row.id).sort(),
      );
    }
  });

  it('wraps, unwraps and copies', () => {
    const tree = start();
    const wrapped = wrap(tree, idOf(tree, 'd'), 'any');
    expect(placeOf(wrapped, idOf(wrapped, 'd'))?.group.kind).toBe('any');
    const group = placeOf(tree, idOf(tree, 'b'))?.group.id ?? '';
    expect(names(unwrap(tree, group))).toStrictEqual(['a', 'b', 'c', 'd']);
    expect(countRows(unwrap(tree, group).root)).toBe(5);
    const negated = update(tree, group, (row) => ({ ...row, nots: 1 }));
    expect(writeTree(unwrap(negated, group))).toStrictEqual(writeTree(negated));
    const copied = duplicate(tree, group);
    expect(names(copied)).toStrictEqual(['a', 'b', 'c', 'b', 'c', 'd']);
    expect(new Set([...allRows(copied.root)].map((row) => row.id)).size).toBe(
      countRows(copied.root),
    );
  });

  it('shares what did not change', () => {
    const tree = start();
    const changed = update(tree, idOf(tree, 'd'), (row) => ({ ...row, nots: 1 }));
    expect(changed.root.rows[1]).toBe(tree.root.rows[1]);
    expect(remove(tree, 'nobody')).toBe(tree);
  });
});

describe('errors and gaps', () => {
  it('are at the row and part that they are about', () => {
    const tree = readTree({
      all: [field('a'), { not: { any: [field('b'), { event: 'E', where: [{ param: 'x' }] }] } }],
    });
    const placed = placeIssues(tree, [
      { path: '$.where.all[1].not.any[1].where[0].value', message: 'one' },
      { path: '$.where.all[0].op', message: 'two' },
      { path: '$.where', message: 'three' },
    ]);
    const event = [...allRows(tree.root)].find((row) => row.kind === 'event');
    expect(placed.get(event?.id ?? '')).toStrictEqual([{ part: 'where[0].value', message: 'one' }]);
    expect(placed.get(idOf(tree, 'a'))).toStrictEqual([{ part: 'op', message: 'two' }]);
    expect(placed.get(tree.root.id)).toStrictEqual([{ part: '', message: 'three' }]);
  });

  it('find a root that is not written', () => {
    const tree = readTree({ not: field('a') });
    const placed = placeIssues(tree, [{ path: '$.where.not.value', message: 'one' }]);
    expect(placed.get(idOf(tree, 'a'))).toStrictEqual([{ part: 'value', message: 'one' }]);
  });

  it('tell what is yet to be filled in', () => {
    const leaf = readRow({ event: '', where: [{ param: 'minutes', op: '>=', value: '' }] });
    expect(isGroup(leaf) ? [] : gapsOf(leaf)).toStrictEqual(['event', 'where[0].value']);
    expect(hasGaps(readTree({ field: 'plan', op: 'exists' }).root)).toBe(false);
    expect(hasGaps(readTree({ any: [{ segment: '' }] }).root)).toBe(true);
  });

  it('name the parameters of a predicate', () => {
    const tree = readTree({
      any: [
        { field: 'book', value: { param: 'book_id' } },
        { param: 'plan', op: 'exists' },
        { event: 'Read', where: [{ param: 'book_id', value: { param: 'chapter' } }] },
        { segment: 'readers', params: { book: { param: 'other' } } },
      ],
    });
    expect(paramsIn(tree.root)).toStrictEqual(['book_id', 'chapter', 'other', 'plan']);
  });
});

describe('values', () => {
  it('get the input that edits them', () => {
    expect(inputOf('=', 'premium')).toBe('text');
    expect(inputOf('=', 20)).toBe('number');
    expect(inputOf('after', '-P3D')).toBe('ago');
    expect(inputOf('before', '2026-12-24')).toBe('date');
    expect(inputOf('in', [])).toBe('list');
    expect(inputOf('=', { param: 'x' })).toBe('param');
    expect(inputOf('missing', undefined)).toBe('none');
  });

  it('stay as far as the next comparison can use them', () => {
    expect(withOp({ field: 'a', value: 'x' }, 'in')).toStrictEqual({
      field: 'a',
      op: 'in',
      value: ['x'],
    });
    expect(withOp({ field: 'a', op: 'in', value: ['x', 'y'] }, '=')).toStrictEqual({
      field: 'a',
      op: '=',
      value: 'x',
    });
    expect(withOp({ field: 'a', value: 'x' }, 'exists')).toStrictEqual({
      field: 'a',
      op: 'exists',
    });
    expect(withOp({ field: 'a', value: 'x' }, 'after').value).toBe('-P7D');
    expect(converted('12', 'number')).toBe(12);
    expect(converted('-P3D', 'text')).toBe('');
  });

  it('are numbers only where they are written back the same', () => {
    expect(['20', '020', '2e1', ' 20', 'true', ''].map((text) => typed(text))).toStrictEqual([
      20,
      '020',
      '2e1',
      ' 20',
      true,
      '',
    ]);
    expect(typed('20', 'text')).toBe('20');
  });
});

it('finds rows at any depth', () => {
  const tree = readTree({ all: [{ any: [{ all: [field('deep')] }] }] });
  expect(find(tree, idOf(tree, 'deep'))?.kind).toBe('field');
});

describe('comparisons', () => {
  it('begin as the property that was chosen wants it, and anew when another one is chosen', () => {
    const fresh = { param: 'minutes', op: '=', value: '' } as const;
    const number = afterChoice(fresh, undefined, 'number');
    expect(number).toMatchObject({ op: '>=', value: 1 });
    expect(afterChoice(number, 'number', 'date')).toMatchObject({ op: 'after', value: '-P7D' });
    expect(afterChoice({ ...fresh, value: null }, 'text', 'boolean')).toMatchObject({
      value: true,
    });
  });

  it('stay as somebody said them, whatever is chosen', () => {
    const said = { param: 'minutes', op: '>=', value: 30 } as const;
    expect(afterChoice(said, 'number', 'text')).toBe(said);
    const exists = { param: 'minutes', op: 'exists' } as const;
    expect(afterChoice(exists, 'number', 'text')).toBe(exists);
  });

  it('of a filter are chosen on the check as it is by then', () => {
    // Choosing tells the name and the option: both changes are made one after the other.
    const typing = (check: { param: string; op: '='; value: string }) => ({
      ...check,
      param: 'minutes',
    });
    const begun = afterChoice(typing({ param: 'min', op: '=', value: '' }), undefined, 'number');
    expect(begun).toEqual({ param: 'minutes', op: '>=', value: 1 });
  });
});
