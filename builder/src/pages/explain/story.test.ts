import { expect, test } from 'vitest';
import { answerOf, chapters, type Finding, meaningOf, pieces } from './story';

const finding = (code: string, block: string | null = null): Finding => ({
  code,
  text: code,
  at: null,
  event_id: null,
  journey_id: null,
  message_id: null,
  launch_id: null,
  segment: null,
  block,
  checks: [],
});

test('the story goes from the workflow to entering again', () => {
  const codes = [
    'active',
    'event_filtered',
    'started',
    'journey_running',
    'message_sent',
    'not_in_launch',
    'in_stop_segment',
    'reentry_from',
  ];
  expect(chapters(codes.map((code) => finding(code)))).toMatchObject([
    { title: 'The workflow', findings: [{ code: 'active' }] },
    {
      title: 'What could have started it',
      findings: [{ code: 'event_filtered' }, { code: 'started' }],
    },
    {
      title: 'Journeys and messages',
      findings: [{ code: 'journey_running' }, { code: 'message_sent' }],
    },
    {
      title: 'Segments and launches',
      findings: [{ code: 'not_in_launch' }, { code: 'in_stop_segment' }],
    },
    { title: 'Entering again', findings: [{ code: 'reentry_from' }] },
  ]);
});

test('a question about a message is answered by that message', () => {
  const general = finding('journey_running', 'wait');
  const all = [general, finding('message_skipped', 'second'), finding('message_sent', 'first')];
  expect(answerOf(general, all, null).finding.code).toBe('journey_running');
  expect(answerOf(general, all, 'first').finding.code).toBe('message_sent');
  expect(answerOf(general, all, 'second').tone).toBe('bad');
  expect(answerOf(general, all, 'third').title).toBe('The journey has not come to this message');
  expect(answerOf(general, all, 'wait').title).toBe('The journey is at this message now');
});

test('without any journey, what kept the contact out answers for each message', () => {
  const general = finding('event_filtered');
  expect(answerOf(general, [finding('active'), general], 'first').finding).toBe(general);
});

test('what is new to this app is shown all the same', () => {
  expect(meaningOf('skipped_moonphase')).toEqual({ title: 'Refused', tone: 'bad' });
  expect(meaningOf('quite_new')).toEqual({ title: 'quite new', tone: 'plain' });
});

test('instants are found in what the server tells', () => {
  expect(pieces('since 2026-11-23 21:44:02 UTC.')).toEqual([
    { text: 'since ', at: null },
    { text: '2026-11-23 21:44:02 UTC', at: '2026-11-23T21:44:02Z' },
    { text: '.', at: null },
  ]);
  expect(pieces('at 2026-11-23T21:44:04.101934+00:00')[1]?.at).toBe('2026-11-23T21:44:04Z');
  expect(pieces('plain')).toEqual([{ text: 'plain', at: null }]);
});
