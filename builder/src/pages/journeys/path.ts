/** A contact's way through a drawing: which blocks, in what order, along which edges. */
import type { BlockVisit } from '@/canvas/flow/nodes';
import { edgeId } from '@/canvas/model/graph';
import { START } from '@/canvas/model/types';
import { inZone } from '@/shared/dates';
import { type JourneyState, outcomeWords } from './words';

export interface Step {
  readonly block: string;
  readonly entered_at: string;
  readonly left_at: string | null;
  readonly outcome: string | null;
  readonly edge: string | null;
}

export interface Path {
  readonly visits: ReadonlyMap<string, BlockVisit>;
  readonly taken: ReadonlySet<string>;
}

/** How many visits of one block are told of on the block itself. */
const MOST_LINES = 2;

export function pathOf(
  steps: readonly Step[],
  state: JourneyState | 'unfinished',
  zone: string,
): Path {
  const visits = new Map<string, BlockVisit>();
  const taken = new Set<string>();
  if (steps.length > 0) taken.add(edgeId(START, 'first'));
  for (const [index, step] of steps.entries()) {
    const before = visits.get(step.block);
    const last = index === steps.length - 1;
    visits.set(step.block, {
      state: last ? lastState(state) : 'passed',
      places: [...(before?.places ?? []), index + 1],
      lines: [line(step, zone), ...(before?.lines ?? [])].slice(0, MOST_LINES),
    });
    if (step.edge !== null) taken.add(edgeId(step.block, step.edge));
  }
  return { visits, taken };
}

function lastState(state: JourneyState | 'unfinished'): BlockVisit['state'] {
  if (state === 'failed') return 'broken';
  if (state === 'running' || state === 'unfinished') return 'here';
  return 'ended';
}

function line({ entered_at, left_at, outcome }: Step, zone: string): string {
  const came = brief(entered_at, zone);
  const left = left_at === null ? came : brief(left_at, zone);
  if (left === came) return `${came}: ${outcomeWords(outcome)}`;
  const [day, hour] = left.split(', ');
  const until = hour !== undefined && came.startsWith(`${day},`) ? hour : left;
  return `${came} – ${until}: ${outcomeWords(outcome)}`;
}

/** A date as short as a block has room for; the list beside the drawing has it whole. */
function brief(instant: string, zone: string): string {
  return inZone(instant, zone).replace(/ \d{4}, /, ', ');
}

/** How long something took, in words of one or two units: "2 d 3 h", "40 s". */
export function tookWords(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 1) return 'at once';
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, length]) => seconds >= length);
  let rest = seconds;
  const parts = units.slice(first, first + 2).flatMap(([name, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count > 0 ? [`${count} ${name}`] : [];
  });
  return parts.join(' ');
}
