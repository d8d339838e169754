import { Select, TextInput } from '@mantine/core';
import { ZoneField } from '../fields/times';
import type { LaunchSchedule, StartOf } from '../model/types';
import { cronWords } from '../words/rules';
import { without } from './types';

type Schedule = StartOf<'segment'>['schedule'];
type Way = 'entry' | 'at' | 'cron';

interface Props {
  value: Schedule;
  onChange: (value: Schedule, field: string) => void;
  error: string | undefined;
}

/** When the members of a segment start: each on entering, all at a date, or regularly. */
export function ScheduleFields({ value, onChange, error }: Props) {
  const schedule: LaunchSchedule = value === 'entry' ? { entry: true } : value;
  const way: Way = schedule.entry ? 'entry' : schedule.at != null ? 'at' : 'cron';
  const begin: Record<Way, Schedule> = {
    entry: 'entry',
    at: { at: '' },
    cron: { cron: '0 9 * * 1' },
  };
  return (
    <>
      <Select
        label="Who starts, and when"
        data={[
          { value: 'entry', label: 'Each contact as it enters' },
          { value: 'at', label: 'All members, on a date' },
          { value: 'cron', label: 'All members, regularly' },
        ]}
        value={way}
        allowDeselect={false}
        error={error}
        onChange={(chosen) => {
          if (chosen !== way && (chosen === 'entry' || chosen === 'at' || chosen === 'cron')) {
            onChange(begin[chosen], 'schedule');
          }
        }}
      />
      {way === 'at' && (
        <TextInput
          label="Date and time"
          type="datetime-local"
          value={schedule.at ?? ''}
          onChange={(event) => onChange({ ...schedule, at: event.currentTarget.value }, 'at')}
        />
      )}
      {way === 'cron' && (
        <TextInput
          label="Schedule"
          description={`Minute, hour, day, month, weekday. This one: ${cronWords(schedule.cron ?? '')}`}
          value={schedule.cron ?? ''}
          onChange={(event) => onChange({ ...schedule, cron: event.currentTarget.value }, 'cron')}
        />
      )}
      {way !== 'entry' && (
        <ZoneField
          contact={false}
          value={schedule.timezone}
          onChange={(timezone) =>
            onChange(timezone ? { ...schedule, timezone } : without(schedule, 'timezone'), 'zone')
          }
        />
      )}
    </>
  );
}
