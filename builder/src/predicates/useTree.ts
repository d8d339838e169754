/** The tree behind the editor: rows keep their identity while the value is the same. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Predicate } from '@/canvas/model/types';
import { readTree, type Tree, writeTree } from './model/tree';

interface Held {
  readonly tree: Tree;
  /** The value that the tree was read from or has written. */
  readonly of: unknown;
}

export function useTree(value: Predicate, onChange: (value: Predicate) => void) {
  const [held, setHeld] = useState<Held>(() => ({ tree: readTree(value), of: value }));
  let now = held;
  if (held.of !== value) {
    // From outside: the same content, as from a server, keeps the rows and so the focus.
    now = same(held.of, value) ? { ...held, of: value } : { tree: readTree(value), of: value };
    setHeld(now);
  }
  const latest = useRef({ held: now, onChange });
  latest.current = { held: now, onChange };
  const wanted = useRef<string | null>(null);

  const apply = useCallback((edit: (tree: Tree) => Tree, focus?: string): void => {
    const before = latest.current.held.tree;
    const tree = edit(before);
    if (tree === before) return;
    const json = writeTree(tree) as Predicate;
    const next = { tree, of: json };
    latest.current = { ...latest.current, held: next };
    wanted.current = focus ?? null;
    setHeld(next);
    latest.current.onChange(json);
  }, []);

  useEffect(() => {
    if (wanted.current === null) return;
    const [id, part] = wanted.current.split(' ');
    wanted.current = null;
    const grip = document.querySelector<HTMLElement>(`[data-grip="${id}"]`);
    const row = document.querySelector<HTMLElement>(`[data-row="${id}"]`);
    // After the menu that asked for it has closed and given the focus back.
    requestAnimationFrame(() => {
      const input = part === 'input' ? row?.querySelector<HTMLElement>('input') : null;
      (input ?? grip ?? row)?.focus();
    });
  });
  return { tree: now.tree, apply };
}

/** Whether two pieces of JSON say the same, in whatever order. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const left = Object.entries(one);
  const right = other as Record<string, unknown>;
  return (
    left.length === Object.keys(right).length &&
    left.every(([key, inner]) => Object.hasOwn(right, key) && same(inner, right[key]))
  );
}
