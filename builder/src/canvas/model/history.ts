/** Undo and redo: a bounded line of states, where small edits of one thing count as one step. */

export interface History<T> {
  readonly past: readonly Step<T>[];
  readonly present: T;
  readonly future: readonly T[];
}

interface Step<T> {
  readonly state: T;
  /** What was edited when this state was left, and when: edits of one group join. */
  readonly group: string | null;
  readonly at: number;
}

const MOST_STEPS = 200;
const PAUSE = 1500;

export const begin = <T>(present: T): History<T> => ({ past: [], present, future: [] });

/** Go on to `next`. Edits with the same `group` follow each other as one step until there is a pause. */
export function commit<T>(
  history: History<T>,
  next: T,
  { group = null, at }: { group?: string | null; at: number },
): History<T> {
  if (next === history.present) return history;
  const last = history.past.at(-1);
  if (last && group !== null && last.group === group && at - last.at < PAUSE) {
    return { past: [...history.past.slice(0, -1), { ...last, at }], present: next, future: [] };
  }
  const past = [...history.past, { state: history.present, group, at }].slice(-MOST_STEPS);
  return { past, present: next, future: [] };
}

export function undo<T>(history: History<T>): History<T> {
  const last = history.past.at(-1);
  if (!last) return history;
  return {
    past: history.past.slice(0, -1),
    present: last.state,
    future: [history.present, ...history.future],
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return {
    past: [...history.past, { state: history.present, group: null, at: 0 }],
    present: next,
    future,
  };
}
