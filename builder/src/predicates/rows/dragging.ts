/** Dragging rows with the mouse. Where it would land is drawn by an attribute, without React. */
import type { DragEvent } from 'react';
import { find, move, placeOf } from '../model/edits';
import { isGroup, type Tree } from '../model/tree';

/** Where beside or in the row under the mouse. */
export type Landing = 'before' | 'after' | 'first' | 'last';

let dragged: string | null = null;
let marked: HTMLElement | null = null;

function mark(element: HTMLElement | null, landing?: Landing): void {
  if (marked && marked !== element) delete marked.dataset.landing;
  marked = element;
  if (element && landing) element.dataset.landing = landing;
}

export function startDrag(event: DragEvent<HTMLElement>, id: string): void {
  dragged = id;
  event.stopPropagation();
  event.dataTransfer.effectAllowed = 'move';
  event.dataTransfer.setData('text/plain', id);
  const row = event.currentTarget.closest('[data-row]');
  if (row) event.dataTransfer.setDragImage(row, 12, 12);
}

export function endDrag(): void {
  dragged = null;
  mark(null);
}

/** Handlers of what a row may be dropped on; `land` tells where, by the height from 0 to 1. */
export function dropTarget(
  id: string,
  land: (height: number) => Landing,
  apply: (edit: (tree: Tree) => Tree, focus?: string) => void,
) {
  const landing = (event: DragEvent<HTMLElement>): Landing => {
    const box = event.currentTarget.getBoundingClientRect();
    return land((event.clientY - box.top) / Math.max(box.height, 1));
  };
  return {
    onDragOver: (event: DragEvent<HTMLElement>) => {
      if (dragged === null) return;
      event.preventDefault();
      event.stopPropagation();
      mark(event.currentTarget, landing(event));
    },
    onDrop: (event: DragEvent<HTMLElement>) => {
      if (dragged === null) return;
      event.preventDefault();
      event.stopPropagation();
      const row = dragged;
      const where = landing(event);
      endDrag();
      apply((tree) => drop(tree, row, id, where), row);
    },
  };
}

/** The tree with a row moved to where it landed. */
export function drop(tree: Tree, row: string, onto: string, landing: Landing): Tree {
  if (landing === 'first') return move(tree, row, onto, 0);
  if (landing === 'last') {
    const group = find(tree, onto);
    return group && isGroup(group) ? move(tree, row, onto, group.rows.length) : tree;
  }
  const place = placeOf(tree, onto);
  if (place === null) return tree;
  return move(tree, row, place.group.id, landing === 'before' ? place.index : place.index + 1);
}
