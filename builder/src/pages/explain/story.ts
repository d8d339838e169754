/** An explanation as a story: what each finding means, and which of them answers. */
import type { Model } from '@/api/client';

export type Finding = Model<'FindingAnswer'>;

/** `good`: it went on; `wait`: it may still; `bad`: it stood in the way; `plain`: it is so. */
export type Tone = 'good' | 'wait' | 'bad' | 'plain';

interface Meaning {
  title: string;
  tone: Tone;
}

const MEANINGS: Record<string, Meaning> = {
  active: { title: 'The workflow is running', tone: 'good' },
  paused: { title: 'The workflow is paused', tone: 'wait' },
  workspace_paused: { title: 'The workspace is paused', tone: 'wait' },
  not_published: { title: 'The workflow was never published', tone: 'bad' },
  archived: { title: 'The workflow is archived', tone: 'bad' },
  decision_pending: { title: 'Not decided yet', tone: 'wait' },
  decision_failed: { title: 'The decision failed', tone: 'bad' },
  no_event: { title: 'The event never happened', tone: 'bad' },
  no_change: { title: 'The field did not change that way', tone: 'bad' },
  nothing_happened: { title: 'Nothing happened that starts it', tone: 'bad' },
  other_event: { title: 'This event does not start it', tone: 'bad' },
  event_before_publishing: { title: 'It happened before publishing', tone: 'bad' },
  event_filtered: { title: 'The event did not pass the filter', tone: 'bad' },
  event_not_taken: { title: 'The event was not acted upon', tone: 'bad' },
  started: { title: 'A journey began', tone: 'good' },
  skipped_reentry: { title: 'Refused: entered before', tone: 'bad' },
  skipped_overlap: { title: 'Refused: a journey was under way', tone: 'bad' },
  skipped_stop_lookback: { title: 'Refused: the stop had already happened', tone: 'bad' },
  skipped_control: { title: 'Held back: in the control group', tone: 'bad' },
  skipped_stop_segment: { title: 'Refused: in a segment that stops it', tone: 'bad' },
  skipped_too_deep: { title: 'Refused: too long a chain of workflows', tone: 'bad' },
  journey_running: { title: 'The journey is under way', tone: 'wait' },
  journey_parked: { title: 'The journey waits for resuming', tone: 'wait' },
  journey_stopped: { title: 'The journey was stopped', tone: 'bad' },
  journey_failed: { title: 'The journey failed', tone: 'bad' },
  journey_completed: { title: 'The journey came to its end', tone: 'good' },
  message_queued: { title: 'The message is being delivered', tone: 'wait' },
  message_skipped: { title: 'The message was not sent', tone: 'bad' },
  message_failed: { title: 'The message could not be delivered', tone: 'bad' },
  message_sent: { title: 'The message was sent', tone: 'good' },
  message_delivered: { title: 'The message was delivered', tone: 'good' },
  message_opened: { title: 'The message was opened', tone: 'good' },
  message_clicked: { title: 'The message was clicked', tone: 'good' },
  launch_running: { title: 'The launch is under way', tone: 'wait' },
  not_in_launch: { title: 'Not part of the launch', tone: 'bad' },
  segment_missing: { title: 'The segment is gone', tone: 'bad' },
  in_start_segment: { title: 'In the segment that starts it', tone: 'good' },
  not_in_start_segment: { title: 'Not in the segment that starts it', tone: 'bad' },
  in_stop_segment: { title: 'In a segment that stops it', tone: 'bad' },
  not_in_stop_segment: { title: 'Not in the segment that stops it', tone: 'good' },
  reentry_never: { title: 'May enter once only', tone: 'plain' },
  reentry_from: { title: 'May enter again later', tone: 'wait' },
  reentry_allowed: { title: 'May enter again', tone: 'good' },
};

export function meaningOf(code: string): Meaning {
  const known = MEANINGS[code];
  if (known) return known;
  return code.startsWith('skipped_')
    ? { title: 'Refused', tone: 'bad' }
    : { title: code.replaceAll('_', ' '), tone: 'plain' };
}

export interface Chapter {
  title: string;
  findings: Finding[];
}

const CHAPTERS: readonly [string, RegExp][] = [
  ['The workflow', /^(active|paused|workspace_paused|not_published|archived)$/],
  ['Journeys and messages', /^(journey|message)_/],
  ['Segments and launches', /^(segment_missing|launch_running|not_in_|in_(start|stop)_)/],
  ['Entering again', /^reentry_/],
  ['What could have started it', /./],
];

const ORDER = [0, 4, 1, 2, 3];

/** The findings by what they are about, each chapter in the order of the server. */
export function chapters(findings: readonly Finding[]): Chapter[] {
  const found = CHAPTERS.map(([title]): Chapter => ({ title, findings: [] }));
  for (const finding of findings) {
    const index = CHAPTERS.findIndex(([, codes]) => codes.test(finding.code));
    found[index]?.findings.push(finding);
  }
  return ORDER.map((index) => found[index]).filter(
    (chapter): chapter is Chapter => chapter !== undefined && chapter.findings.length > 0,
  );
}

export interface Answer {
  title: string;
  tone: Tone;
  finding: Finding;
}

/** What became of one message, or of the workflow when no block is asked about. */
export function answerOf(
  general: Finding,
  findings: readonly Finding[],
  block: string | null,
): Answer {
  const plain = { ...meaningOf(general.code), finding: general };
  if (block === null) return plain;
  const message = findings.find((one) => one.block === block && one.code.startsWith('message_'));
  if (message) return { ...meaningOf(message.code), finding: message };
  const journey = findings.find((one) => one.code.startsWith('journey_'));
  if (!journey) return plain;
  if (journey.block === block && meaningOf(journey.code).tone === 'wait') {
    return { title: 'The journey is at this message now', tone: 'wait', finding: journey };
  }
  const running = meaningOf(journey.code).tone === 'wait';
  return running
    ? { title: 'The journey has not come to this message', tone: 'wait', finding: journey }
    : { title: 'The newest journey ended without this message', tone: 'bad', finding: journey };
}

/** A text of the server in pieces: its instants apart, to be told in a zone. */
export function pieces(text: string): { text: string; at: string | null }[] {
  const instant = /(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?: UTC|Z|\+00:00)/g;
  const found: { text: string; at: string | null }[] = [];
  let end = 0;
  for (const match of text.matchAll(instant)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index), at: null });
    found.push({ text: match[0], at: `${match[1]}T${match[2]}Z` });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end), at: null });
  return found;
}
