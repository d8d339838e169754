/** What a workflow is for, and whom it is compared with: goals, and the control group. */
import { Button, Group, NumberInput, Paper, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useDrawing, useEditor } from '../editor/context';
import { ChecksField } from '../fields/ChecksField';
import { EventField, PropertyField } from '../fields/names';
import { DurationField } from '../fields/times';
import { setDefinition } from '../model/edits';
import type { Definition } from '../model/types';
import { without } from './types';

type Goal = NonNullable<Definition['goals']>[number];

const MOST = 5;
const SHARE = 10;
const LARGEST = 90;

export function GoalsForm({ error }: { error: (field: string) => string | undefined }) {
  const editor = useEditor();
  const { goals = [], control } = useDrawing().definition;
  const save = (next: Goal[], field: string): void =>
    editor.edit((drawing) => setDefinition(drawing, { goals: next }), `goals ${field}`);
  const hold = (percent: number | null): void =>
    editor.edit(
      (drawing) => setDefinition(drawing, { control: percent === null ? null : { percent } }),
      'control',
    );
  return (
    <Stack gap="sm">
      <Text component="h3" size="sm" fw={600}>
        Goals
      </Text>
      <Text size="sm" c="dimmed">
        What the messages are for. It counts when it happens in time after one of them.
      </Text>
      {goals.map((goal, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a goal's name is being typed
        <Paper key={index} withBorder p="sm">
          <GoalFields
            goal={goal}
            number={index + 1}
            error={(field) => error(`goals[${index}].${field}`)}
            onChange={(changed, field) =>
              save(
                goals.map((one, at) => (at === index ? changed : one)),
                `${index} ${field}`,
              )
            }
            onRemove={() =>
              save(
                goals.filter((_, at) => at !== index),
                'list',
              )
            }
          />
        </Paper>
      ))}
      {goals.length < MOST && (
        <Button
          variant="light"
          size="xs"
          onClick={() => save([...goals, { name: `Goal ${goals.length + 1}`, event: '' }], 'list')}
        >
          Add a goal
        </Button>
      )}
      <Switch
        mt="xs"
        label="Hold a control group back"
        description="No journey starts for a share of the contacts, to see what they do without it."
        checked={control != null}
        onChange={(event) => hold(event.currentTarget.checked ? SHARE : null)}
      />
      {control && (
        <NumberInput
          label="How many of a hundred"
          value={control.percent}
          min={0.1}
          max={LARGEST}
          suffix=" %"
          error={error('control')}
          onChange={(typed) => hold(Number(typed) || 0)}
        />
      )}
    </Stack>
  );
}

interface FieldsProps {
  goal: Goal;
  number: number;
  error: (field: string) => string | undefined;
  onChange: (goal: Goal, field: string) => void;
  onRemove: () => void;
}

function GoalFields({ goal, number, error, onChange, onRemove }: FieldsProps) {
  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          label={`Goal ${number}`}
          value={goal.name}
          maxLength={100}
          flex={1}
          error={error('name')}
          onChange={(event) => onChange({ ...goal, name: event.currentTarget.value }, 'name')}
        />
        <Button variant="subtle" color="gray" size="compact-sm" mb={4} onClick={onRemove}>
          Remove
        </Button>
      </Group>
      <EventField
        label="Event that reaches it"
        value={goal.event}
        error={error('event')}
        onChange={(event) => onChange({ ...goal, event }, 'event')}
      />
      <ChecksField
        event={goal.event}
        value={goal.where}
        error={error('where')}
        onChange={(where) => onChange({ ...goal, where }, 'where')}
      />
      <DurationField
        label="Counts within"
        value={goal.within ?? 'P7D'}
        error={error('within')}
        onChange={(within) => onChange({ ...goal, within }, 'within')}
      />
      <PropertyField
        event={goal.event}
        label="Property that says its worth"
        description="Such as total; none: it is only counted"
        value={goal.value ?? ''}
        error={error('value')}
        onChange={(value) => onChange(value ? { ...goal, value } : without(goal, 'value'), 'value')}
      />
    </Stack>
  );
}
