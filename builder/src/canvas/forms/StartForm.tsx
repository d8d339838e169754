import { SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useEditor } from '../editor/context';
import { BindField } from '../fields/BindField';
import { ChecksField } from '../fields/ChecksField';
import { SegmentField } from '../fields/choices';
import {
  ContactField,
  EventField,
  PropertiesField,
  useStartEvent,
  ValuesField,
} from '../fields/names';
import { DurationField, OptionalDuration } from '../fields/times';
import { setDefinition } from '../model/edits';
import { emptyStart } from '../model/empty';
import { messageAt, type PlacedIssue } from '../model/issues';
import type { Reentry, Start, StartKind, StartOf } from '../model/types';
import { entryWords } from '../words/entry';
import { GoalsForm } from './GoalsForm';
import { IssueList } from './IssueList';
import { ScheduleFields } from './ScheduleFields';
import { without } from './types';

const KINDS: readonly { value: StartKind; label: string }[] = [
  { value: 'event', label: 'An event of the contact' },
  { value: 'field_change', label: 'A field of the contact changes' },
  { value: 'segment', label: 'A segment' },
  { value: 'event_for_segment', label: 'An event, for everybody in a segment' },
];

interface PartProps<Kind extends StartKind> {
  start: StartOf<Kind>;
  set: (start: Start, field: string) => void;
  error: (field: string) => string | undefined;
}

/** What lets a journey begin, and how often. */
export function StartForm({ start, issues }: { start: Start; issues: readonly PlacedIssue[] }) {
  const editor = useEditor();
  const set = (next: Start, field: string): void =>
    editor.edit((drawing) => setDefinition(drawing, { start: next }), `start ${field}`);
  const error = (field: string): string | undefined => messageAt(issues, field);
  return (
    <Stack gap="md">
      <IssueList issues={issues} />
      <Select
        label="A journey begins with"
        data={[...KINDS]}
        value={start.kind}
        allowDeselect={false}
        onChange={(chosen) => {
          const kind = KINDS.find((one) => one.value === chosen)?.value;
          if (kind && kind !== start.kind) set(emptyStart(kind, start), 'kind');
        }}
      />
      {start.kind === 'event' && (
        <>
          <EventField
            label="Event"
            value={start.event}
            error={error('event')}
            onChange={(event) => set({ ...start, event }, 'event')}
          />
          <ChecksField
            event={start.event}
            value={start.where}
            error={error('where')}
            onChange={(where) => set({ ...start, where }, 'where')}
          />
        </>
      )}
      {start.kind === 'field_change' && <FieldChange start={start} set={set} error={error} />}
      {start.kind === 'segment' && (
        <>
          <SegmentField
            label="Segment"
            value={start.segment}
            error={error('segment')}
            onChange={(segment) => set({ ...start, segment }, 'segment')}
          />
          <ScheduleFields
            value={start.schedule}
            error={error('schedule')}
            onChange={(schedule, field) => set({ ...start, schedule }, field)}
          />
          {start.schedule !== 'entry' && (
            <OptionalDuration
              add="Spread the starts over a while"
              label="Spread over"
              initial="PT1H"
              value={start.spread}
              onChange={(spread) =>
                set(spread === null ? without(start, 'spread') : { ...start, spread }, 'spread')
              }
            />
          )}
        </>
      )}
      {start.kind === 'event_for_segment' && (
        <EventForSegment start={start} set={set} error={error} />
      )}
      <ReentryFields
        value={start.reentry ?? {}}
        error={error}
        onChange={(reentry) => set({ ...start, reentry }, 'reentry')}
      />
      <Select
        label="If a journey of this contact is running already"
        data={[
          { value: 'skip', label: 'Do not start another' },
          { value: 'parallel', label: 'Start another beside it' },
          { value: 'restart', label: 'End it and start anew' },
        ]}
        value={start.overlap ?? 'skip'}
        allowDeselect={false}
        onChange={(chosen) =>
          set({ ...start, overlap: (chosen ?? 'skip') as NonNullable<Start['overlap']> }, 'overlap')
        }
      />
      <GoalsForm error={error} />
      <Text size="xs" c="dimmed" data-testid="entry-words">
        {entryWords(start)}
      </Text>
    </Stack>
  );
}

const NOTHING = '(no value)';

function FieldChange({ start, set, error }: PartProps<'field_change'>) {
  const shown = (values: readonly unknown[] | null | undefined): string[] =>
    (values ?? []).map((value) => (value === null ? NOTHING : String(value)));
  const read = (values: string[]): (string | null)[] =>
    values.map((value) => (value === NOTHING ? null : value));
  return (
    <>
      <ContactField
        label="Field"
        placeholder="plan"
        value={start.field}
        error={error('field')}
        onChange={(field) => set({ ...start, field }, 'field')}
      />
      <ValuesField
        field={start.field}
        extra={[NOTHING]}
        label="From"
        description="None: whatever it was"
        value={shown(start.from)}
        error={error('from')}
        onChange={(from) => set({ ...start, from: read(from) }, 'from')}
      />
      <ValuesField
        field={start.field}
        extra={[NOTHING]}
        label="To"
        description="None: whatever it becomes"
        value={shown(start.to)}
        error={error('to')}
        onChange={(to) => set({ ...start, to: read(to) }, 'to')}
      />
    </>
  );
}

function EventForSegment({ start, set, error }: PartProps<'event_for_segment'>) {
  return (
    <>
      <EventField
        label="Event"
        value={start.event}
        error={error('event')}
        onChange={(event) => set({ ...start, event }, 'event')}
      />
      <ChecksField
        event={start.event}
        value={start.where}
        error={error('where')}
        onChange={(where) => set({ ...start, where }, 'where')}
      />
      <SegmentField
        label="Segment"
        value={start.segment}
        error={error('segment')}
        onChange={(segment) => set({ ...start, segment }, 'segment')}
      />
      <BindField
        segment={start.segment}
        event={start.event}
        value={start.bind}
        error={error('bind')}
        onChange={(bind) => set({ ...start, bind }, 'bind')}
      />
    </>
  );
}

function ReentryFields({
  value,
  onChange,
  error,
}: {
  value: Reentry;
  onChange: (value: Reentry) => void;
  error: (field: string) => string | undefined;
}) {
  const mode = value.mode ?? 'always';
  const event = useStartEvent();
  const withMode = (next: string): Reentry => {
    const rest = without(value, 'after');
    if (next === 'after') return { ...rest, mode: 'after', after: value.after ?? 'P7D' };
    return { ...rest, mode: next === 'once' ? 'once' : 'always' };
  };
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label="How often a contact may enter"
        data={[
          { value: 'always', label: 'Every time' },
          { value: 'once', label: 'Once' },
          { value: 'after', label: 'Again after…' },
        ]}
        value={mode}
        onChange={(chosen) => onChange(withMode(chosen))}
      />
      {mode === 'after' && (
        <DurationField
          label="Again after"
          value={value.after ?? ''}
          error={error('reentry')}
          onChange={(after) => onChange({ ...value, after })}
        />
      )}
      <PropertiesField
        event={event}
        label="Counted for each"
        description="Properties of the event, such as plan_id; none: for each contact"
        value={value.key ?? []}
        error={error('reentry.key')}
        onChange={(key) => onChange({ ...value, key })}
      />
    </Stack>
  );
}
