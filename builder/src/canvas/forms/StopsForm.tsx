import { Button, Group, Menu, MultiSelect, Paper, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useEditor } from '../editor/context';
import { ChecksField } from '../fields/ChecksField';
import { SegmentField } from '../fields/choices';
import { EventsField } from '../fields/names';
import { OptionalDuration } from '../fields/times';
import { setDefinition } from '../model/edits';
import { emptyStop } from '../model/empty';
import { messageAt, type PlacedIssue } from '../model/issues';
import type { Stop, StopKind, StopOf } from '../model/types';
import { IssueList } from './IssueList';
import { without } from './types';
import { SameField } from './waiting';

const KINDS: readonly [StopKind, string][] = [
  ['event', 'Something happens'],
  ['order', 'An order changes'],
  ['segment', 'The contact enters a segment'],
];
const STATUSES = ['initialized', 'in_progress', 'delivered', 'cancelled', 'abandoned'] as const;

/** What ends journeys before their last block; any of it is enough. */
export function StopsForm({
  stops,
  issues,
}: {
  stops: readonly Stop[];
  issues: readonly PlacedIssue[];
}) {
  const editor = useEditor();
  const save = (stop: Stop[], field: string): void =>
    editor.edit((drawing) => setDefinition(drawing, { stop }), `stop ${field}`);
  return (
    <Stack gap="md">
      <IssueList issues={issues} />
      <Text size="sm" c="dimmed">
        A journey ends at once when one of these happens. They are looked for before the start, too.
      </Text>
      {stops.map((stop, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: stops have no name but their place
        <Paper key={index} withBorder p="sm">
          <Stack gap="sm">
            <Group justify="space-between">
              <Text size="sm" fw={600}>
                {KINDS.find(([kind]) => kind === stop.kind)?.[1] ?? stop.kind}
              </Text>
              <Button
                variant="subtle"
                color="gray"
                size="compact-xs"
                onClick={() =>
                  save(
                    stops.filter((_, at) => at !== index),
                    'list',
                  )
                }
              >
                Remove
              </Button>
            </Group>
            <StopFields
              stop={stop}
              error={(field) => messageAt(issues, `[${index}].${field}`)}
              onChange={(changed, field) =>
                save(
                  stops.map((one, at) => (at === index ? changed : one)),
                  `${index} ${field}`,
                )
              }
            />
          </Stack>
        </Paper>
      ))}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="light" leftSection={<IconPlus size={16} />}>
            Add a stop
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map(([kind, label]) => (
            <Menu.Item key={kind} onClick={() => save([...stops, emptyStop(kind)], 'list')}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Stack>
  );
}

interface FieldsProps {
  stop: Stop;
  onChange: (stop: Stop, field: string) => void;
  error: (field: string) => string | undefined;
}

function StopFields({ stop, onChange, error }: FieldsProps) {
  if (stop.kind === 'segment') {
    return (
      <SegmentField
        label="Segment"
        value={stop.segment}
        error={error('segment')}
        onChange={(segment) => onChange({ ...stop, segment }, 'segment')}
      />
    );
  }
  return (
    <>
      {stop.kind === 'event' ? (
        <EventsField
          label="Any of these events"
          value={stop.events}
          error={error('events')}
          onChange={(events) => onChange({ ...stop, events }, 'events')}
        />
      ) : (
        <MultiSelect
          label="Any of these states"
          placeholder={stop.status?.length ? '' : 'Any'}
          data={STATUSES.map((value) => ({ value, label: value.replace('_', ' ') }))}
          value={[...(stop.status ?? [])]}
          error={error('status')}
          onChange={(chosen) =>
            onChange({ ...stop, status: STATUSES.filter((one) => chosen.includes(one)) }, 'status')
          }
        />
      )}
      <CommonFields stop={stop} onChange={onChange} error={error} />
    </>
  );
}

function CommonFields({
  stop,
  onChange,
  error,
}: FieldsProps & { stop: StopOf<'event' | 'order'> }) {
  return (
    <>
      <ChecksField
        // Of several events the first one's properties are proposed.
        event={stop.kind === 'event' ? (stop.events[0] ?? '') : null}
        value={stop.where}
        error={error('where')}
        onChange={(where) => onChange({ ...stop, where }, 'where')}
      />
      <SameField
        value={stop.same}
        error={error('same')}
        onChange={(same) => onChange({ ...stop, same }, 'same')}
      />
      <OptionalDuration
        add="Look back before the start"
        label="Also when it happened up to … before the start"
        initial="P1D"
        value={stop.lookback}
        error={error('lookback')}
        onChange={(lookback) =>
          onChange(
            lookback === null ? without(stop, 'lookback') : { ...stop, lookback },
            'lookback',
          )
        }
      />
    </>
  );
}
