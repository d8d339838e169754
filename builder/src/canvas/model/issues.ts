/** What is wrong with a drawing, sorted by the block or card that it is about. */
import { type Definition, START, STOPS } from './types';

export interface Issue {
  /** The JSON path as the server tells it: `blocks[2].template`, `start.event`, `stop[0].events`. */
  readonly path: string;
  readonly message: string;
}

export interface PlacedIssue extends Issue {
  /** The id of the block, START, STOPS, or null when it is about the whole. */
  readonly owner: string | null;
  /** The path below the block, the start or the stops: `template`, `wait.for`, `[0].events`. */
  readonly field: string;
  readonly severity: 'error' | 'warning';
}

/** Tell whom each issue is about. `path` counts blocks as they were when it was checked. */
export function placeIssues(
  issues: readonly Issue[],
  definition: Definition,
  severity: PlacedIssue['severity'],
): PlacedIssue[] {
  return issues.map((issue) => ({ ...issue, severity, ...place(issue.path, definition) }));
}

function place(whole: string, definition: Definition): Pick<PlacedIssue, 'owner' | 'field'> {
  const path = whole.replace(/^\$?\.?(definition\.)?/, '');
  const block = /^blocks\[(\d+)\]\.?(.*)$/.exec(path);
  if (block) {
    const owner = definition.blocks[Number(block[1])]?.id ?? null;
    return { owner, field: block[2] ?? '' };
  }
  const stop = /^stop(\[.*)?$/.exec(path);
  if (stop) return { owner: STOPS, field: stop[1] ?? '' };
  const start = /^start\.?(.*)$/.exec(path);
  if (start) return { owner: START, field: start[1] ?? '' };
  // Goals and the control group are in the form of the start.
  if (/^(goals|control)\b/.test(path)) return { owner: START, field: path };
  return { owner: null, field: path };
}

export function byOwner(issues: readonly PlacedIssue[]): Map<string, readonly PlacedIssue[]> {
  const found = new Map<string, PlacedIssue[]>();
  for (const issue of issues) {
    if (issue.owner === null) continue;
    const list = found.get(issue.owner);
    if (list) list.push(issue);
    else found.set(issue.owner, [issue]);
  }
  return found;
}

/** The first message about a field or what lies in it. */
export function messageAt(issues: readonly PlacedIssue[], field: string): string | undefined {
  return issues.find(
    (issue) =>
      issue.field === field ||
      issue.field.startsWith(`${field}.`) ||
      issue.field.startsWith(`${field}[`),
  )?.message;
}
