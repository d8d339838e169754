/** Journeys in words: their states, why they ended, how a block was left. */
import type { Model } from '@/api/client';

export type JourneyState = Model<'JourneyAnswer'>['state'];
export type Reason = Model<'ReasonAnswer'>;

export const STATES: Readonly<Record<JourneyState, { label: string; color: string }>> = {
  running: { label: 'Under way', color: 'blue' },
  completed: { label: 'Completed', color: 'teal' },
  stopped: { label: 'Stopped', color: 'orange' },
  failed: { label: 'Failed', color: 'red' },
};

/** Why a journey ended, with `what` for its detail. */
const ENDS: Readonly<Record<string, (detail: string | null) => string>> = {
  completed: () => 'It came to its end',
  exit: (detail) => (detail ? `It came to its end: ${detail}` : 'It came to its end'),
  event: (detail) => `The event ${detail ?? 'that stops it'} happened`,
  order: (detail) => `An order: ${detail ?? 'one that stops it'}`,
  segment: (detail) => `The contact is in the segment ${detail ?? 'that stops it'}`,
  restarted: (detail) => `A new start took its place${because(detail)}`,
  manual: (detail) => `Stopped by hand${because(detail)}`,
  merged: (detail) => `Its contact was merged with another${because(detail)}`,
  cancelled: (detail) => `Cancelled in Temporal${because(detail)}`,
  erased: () => 'Its contact was erased',
};

const because = (detail: string | null): string => (detail ? `: ${detail}` : '');

export function endWords({ kind, detail }: Reason): string {
  return ENDS[kind]?.(detail) ?? `${plain(kind)}${because(detail)}`;
}

/** Why somebody who matched was not let in. */
const REFUSALS: Readonly<Record<string, string>> = {
  event: 'no starting event fits',
  filter: 'the starting filter does not hold',
  segment: 'not in the segment',
  stop_segment: 'in a segment that stops it',
  control: 'in the control group',
  stop_lookback: 'what stops it already happened',
  reentry: 'the re-entry rule',
  overlap: 'a journey of this contact is under way',
  too_deep: 'too many workflows started one another',
};

/** What the history is searched by, those of refusals first. */
export const REASONS: readonly string[] = [
  'reentry',
  'overlap',
  'stop_lookback',
  'stop_segment',
  'control',
  'too_deep',
  'completed',
  'exit',
  'event',
  'order',
  'segment',
  'restarted',
  'manual',
  'merged',
  'cancelled',
];

export function refusalWords({ kind, detail }: { kind: string; detail: string | null }): string {
  return `${REFUSALS[kind] ?? plain(kind)}${because(detail)}`;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  then: 'yes',
  else: 'no',
  timeout: 'time is up',
  passed: 'went on',
  stopped: 'the journey was stopped here',
  failed: 'the journey failed here',
  empty: 'none left',
  exit: 'end',
};

/** How a block was left. */
export function outcomeWords(outcome: string | null): string {
  if (outcome === null) return 'is here';
  const branch = /^branch (\d+)$/.exec(outcome);
  if (branch) return `branch ${Number(branch[1]) + 1}`;
  return OUTCOMES[outcome] ?? plain(outcome);
}

export function plain(code: string): string {
  return code.replaceAll('_', ' ');
}
