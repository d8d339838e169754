/** What every row of the editor needs: how to change the tree, and what the rows may speak of. */
import { createContext, useContext } from 'react';
import type { RowIssue } from './model/places';
import type { Tree } from './model/tree';

/** What a predicate may speak of beside the contact, where it stands. */
export interface PredicateContext {
  /** Blocks of this workflow that send something, by id. */
  readonly messages?: readonly string[];
  /** Names of the starting event's properties that are known. */
  readonly params?: readonly string[];
}

interface Editing {
  /** Change the tree; `focus` is the row whose handle keeps the keyboard. */
  readonly apply: (edit: (tree: Tree) => Tree, focus?: string) => void;
  readonly readOnly: boolean;
  /** Null where there is no journey: in a segment. */
  readonly journey: PredicateContext | null;
  /** Groups below the first begin folded, because there are very many rows. */
  readonly folded: boolean;
}

const EditingContext = createContext<Editing | null>(null);
export const EditingProvider = EditingContext.Provider;

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (editing === null) throw new Error('Rows are drawn inside of a PredicateEditor.');
  return editing;
}

const IssuesContext = createContext<ReadonlyMap<string, readonly RowIssue[]>>(new Map());
export const IssuesProvider = IssuesContext.Provider;

const NONE: readonly RowIssue[] = [];
export const useIssues = (id: string): readonly RowIssue[] =>
  useContext(IssuesContext).get(id) ?? NONE;
