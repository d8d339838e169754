/** Forms of the blocks that wait: timer and wait for. */
import { SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { BlockMessageField } from '../fields/BlockMessageField';
import { ChecksField } from '../fields/ChecksField';
import { SegmentField } from '../fields/choices';
import {
  ContactField,
  EventField,
  PropertiesField,
  PropertyField,
  useStartEvent,
} from '../fields/names';
import {
  DurationField,
  OptionalDuration,
  TimeField,
  WeekdaysField,
  ZoneField,
} from '../fields/times';
import type { Until, Wait } from '../model/types';
import { type BlockFormProps, without } from './types';

const WAYS = [
  { value: 'for', label: 'a time' },
  { value: 'time', label: 'until an hour of the day' },
  { value: 'at', label: 'until a date' },
  { value: 'field', label: 'until a date of the contact' },
  { value: 'param', label: 'until a date of the event' },
  { value: 'order', label: 'until a date of the order' },
] as const;
type Way = (typeof WAYS)[number]['value'];

function wayOf(wait: Wait): Way {
  if (wait.at) return 'at';
  const { until } = wait;
  if (!until) return 'for';
  return 'time' in until
    ? 'time'
    : 'field' in until
      ? 'field'
      : 'param' in until
        ? 'param'
        : 'order';
}

function emptyWait(way: Way): Wait {
  switch (way) {
    case 'for':
      return { for: 'P1D' };
    case 'at':
      return { at: '' };
    case 'time':
      return { until: { time: '09:00' } };
    case 'field':
      return { until: { field: '' } };
    case 'param':
      return { until: { param: '' } };
    case 'order':
      return { until: { order: 'timestamp' } };
  }
}

export function TimerForm({ block, onChange, error }: BlockFormProps<'timer'>) {
  const { wait } = block;
  const way = wayOf(wait);
  const set = (next: Wait, field: string): void => onChange({ ...block, wait: next }, field);
  return (
    <>
      <Select
        label="Wait"
        data={[...WAYS]}
        value={way}
        allowDeselect={false}
        error={error('wait')}
        onChange={(chosen) => {
          const next = WAYS.find((one) => one.value === chosen);
          if (next && next.value !== way) set(emptyWait(next.value), 'way');
        }}
      />
      {way === 'for' ? (
        <DurationField
          label="How long"
          value={wait.for ?? ''}
          onChange={(value) => set({ ...wait, for: value }, 'for')}
        />
      ) : (
        way !== 'at' && (
          <OptionalDuration
            add="Wait a time first"
            label="First wait"
            initial="P1D"
            value={wait.for}
            onChange={(value) =>
              set(value === null ? without(wait, 'for') : { ...wait, for: value }, 'for')
            }
          />
        )
      )}
      {way === 'at' && (
        <TextInput
          label="Date and time"
          type="datetime-local"
          value={wait.at ?? ''}
          onChange={(event) => set({ ...wait, at: event.currentTarget.value }, 'at')}
        />
      )}
      {wait.until && (
        <UntilFields
          until={wait.until}
          onChange={(until, field) => set({ ...wait, until }, field)}
        />
      )}
      {way !== 'time' && (way !== 'for' || wait.timezone != null) && (
        <ZoneField
          value={wait.timezone}
          onChange={(timezone) => set({ ...wait, timezone }, 'zone')}
        />
      )}
    </>
  );
}

const ORDER_DATES = ['timestamp', 'created_at', 'updated_at', 'items.delivery_at'];

function UntilFields({
  until,
  onChange,
}: {
  until: Until;
  onChange: (until: Until, field: string) => void;
}) {
  const started = useStartEvent();
  if ('time' in until) {
    return (
      <>
        <TimeField
          label="Hour of the day"
          value={until.time}
          onChange={(time) => onChange({ ...until, time }, 'time')}
        />
        <WeekdaysField
          value={until.weekdays}
          onChange={(weekdays) => onChange({ ...until, weekdays }, 'weekdays')}
        />
        <ZoneField
          value={until.timezone}
          onChange={(timezone) => onChange({ ...until, timezone }, 'zone')}
        />
      </>
    );
  }
  const offset = (
    <OptionalDuration
      add="Some time before or after it"
      label="How long before or after"
      initial="-P1D"
      signed
      value={until.offset}
      onChange={(value) =>
        onChange(value === null ? without(until, 'offset') : { ...until, offset: value }, 'offset')
      }
    />
  );
  if ('order' in until) {
    return (
      <>
        <Select
          label="Date of the order"
          data={ORDER_DATES.includes(until.order) ? ORDER_DATES : [until.order, ...ORDER_DATES]}
          value={until.order}
          allowDeselect={false}
          onChange={(order) => onChange({ ...until, order: order ?? 'timestamp' }, 'order')}
        />
        {offset}
      </>
    );
  }
  return (
    <>
      {'field' in until ? (
        <ContactField
          type="date"
          label="Field of the contact"
          placeholder="trial_ends_at"
          value={until.field}
          onChange={(field) => onChange({ ...until, field }, 'name')}
        />
      ) : (
        <PropertyField
          event={started}
          label="Property of the starting event"
          placeholder="workout_at"
          value={until.param}
          onChange={(param) => onChange({ ...until, param }, 'name')}
        />
      )}
      {offset}
    </>
  );
}

export function WaitForForm({ block, onChange, error }: BlockFormProps<'wait_for'>) {
  const what = block.message != null ? 'message' : block.segment != null ? 'segment' : 'event';
  const bare = without(block, 'event', 'where', 'same', 'segment', 'message');
  return (
    <>
      <SegmentedControl
        aria-label="What to wait for"
        data={[
          { value: 'event', label: 'An event' },
          { value: 'segment', label: 'A segment' },
          { value: 'message', label: 'A message' },
        ]}
        value={what}
        onChange={(chosen) =>
          onChange(
            chosen === 'segment'
              ? { ...bare, segment: '' }
              : chosen === 'message'
                ? { ...bare, message: { block: '', state: 'opened' } }
                : { ...bare, event: '' },
            'what',
          )
        }
      />
      {block.message != null && (
        <BlockMessageField
          value={block.message}
          error={error}
          onChange={(message) => onChange({ ...block, message }, 'message')}
        />
      )}
      {what === 'segment' && (
        <SegmentField
          label="Segment that the contact enters"
          value={block.segment ?? ''}
          error={error('segment')}
          onChange={(segment) => onChange({ ...block, segment }, 'segment')}
        />
      )}
      {what === 'event' && (
        <Stack gap="md">
          <EventField
            label="Event"
            value={block.event ?? ''}
            error={error('event')}
            onChange={(event) => onChange({ ...block, event }, 'event')}
          />
          <ChecksField
            event={block.event ?? ''}
            value={block.where}
            error={error('where')}
            onChange={(where) => onChange({ ...block, where }, 'where')}
          />
          <SameField
            value={block.same}
            error={error('same')}
            onChange={(same) => onChange({ ...block, same }, 'same')}
          />
        </Stack>
      )}
      <DurationField
        label="At most"
        value={block.timeout}
        error={error('timeout')}
        onChange={(timeout) => onChange({ ...block, timeout }, 'timeout')}
      />
    </>
  );
}

export function SameField({
  value,
  onChange,
  error,
}: {
  value: readonly string[] | undefined;
  onChange: (value: string[]) => void;
  error: string | undefined;
}) {
  const event = useStartEvent();
  return (
    <PropertiesField
      event={event}
      label="Same as in the starting event"
      description="Properties that must be equal, such as plan_id"
      value={value ?? []}
      error={error}
      onChange={onChange}
    />
  );
}
