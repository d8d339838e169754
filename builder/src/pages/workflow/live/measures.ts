import type { Point } from './queries';

/** What a curve can count, and the colour of the theme it has. */
export const MEASURES = {
  started: { label: 'began', colour: 'petrol' },
  completed: { label: 'completed', colour: 'teal' },
  stopped: { label: 'stopped', colour: 'orange' },
  failed: { label: 'journeys failed', colour: 'red' },
  entered: { label: 'entered', colour: 'petrol' },
  left: { label: 'left', colour: 'gray' },
  sent: { label: 'sent', colour: 'blue' },
  opened: { label: 'opened', colour: 'grape' },
  clicked: { label: 'clicked', colour: 'violet' },
  messages_failed: { label: 'messages failed', colour: 'pink' },
} as const satisfies Partial<Record<keyof Point, { label: string; colour: string }>>;

export type Measure = keyof typeof MEASURES;

/** Journeys are not counted by block, and a workflow has no coming and going of its own. */
export const OF_WORKFLOW: readonly Measure[] = [
  'started',
  'completed',
  'stopped',
  'failed',
  'sent',
  'opened',
  'clicked',
  'messages_failed',
];
export const OF_BLOCK: readonly Measure[] = [
  'entered',
  'left',
  'sent',
  'opened',
  'clicked',
  'messages_failed',
];

export const FIRST_SHOWN: readonly Measure[] = [
  'started',
  'completed',
  'stopped',
  'entered',
  'left',
  'sent',
  'opened',
];
