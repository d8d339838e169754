import { Alert, Button, Group, Modal, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useWorkflows } from '@/api/choices';
import { api, ok } from '@/api/client';
import { useSegmentChoices } from '@/api/contacts';
import { type Launch, useLaunchWorkflow } from '@/api/launches';
import { ErrorState } from '@/shared/ErrorState';
import { count } from './words';

interface LaunchDialogProps {
  opened: boolean;
  onClose: () => void;
  onLaunched: (launch: Launch) => void;
  /** The workflow's key, where it is known already. */
  workflow?: string;
}

const SPREADS = [
  { value: 'PT10M', label: '10 minutes' },
  { value: 'PT1H', label: 'one hour' },
  { value: 'PT4H', label: '4 hours' },
  { value: 'P1D', label: 'one day' },
];

/** Starts a published workflow for everybody in a segment, after saying how many that is. */
export function LaunchDialog({ opened, onClose, ...form }: LaunchDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Launch a workflow">
      <Form {...form} onClose={onClose} />
    </Modal>
  );
}

function Form({ workflow: given, onClose, onLaunched }: Omit<LaunchDialogProps, 'opened'>) {
  const [workflow, setWorkflow] = useState<string | null>(given ?? null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [spread, setSpread] = useState<string | null>(null);
  const [rate, setRate] = useState<number | string>('');
  const [key] = useState(() => crypto.randomUUID());
  const workflows = useLaunchable();
  const segments = useSegmentChoices();
  const launch = useLaunchWorkflow();
  const own = useOwnSegment(workflow);
  const segment = chosen ?? own;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (workflow === null) return;
    const asked = { workflow, segment, spread, rate: typeof rate === 'number' ? rate : null, key };
    launch.mutate(asked, {
      onSuccess: (launched) => {
        onClose();
        onLaunched(launched);
      },
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {given === undefined && (
          <Select
            label="Workflow"
            description="Published ones can be launched."
            data={workflows ?? []}
            value={workflow}
            onChange={(value) => {
              setWorkflow(value);
              setChosen(null);
            }}
            searchable
            required
            nothingFoundMessage="No published workflow of this name"
            data-autofocus
          />
        )}
        <Select
          label="For everybody in"
          data={segments.data ?? []}
          value={segment}
          onChange={setChosen}
          searchable
          required
          nothingFoundMessage="No such segment"
        />
        <Size segment={segment} />
        <Group grow align="flex-start">
          <Select
            label="Spread over"
            placeholder="Not spread"
            data={SPREADS}
            value={spread}
            onChange={setSpread}
            clearable
            clearButtonProps={{ 'aria-label': 'Not spread' }}
          />
          <NumberInput
            label="At most a second"
            placeholder="As the settings say"
            value={rate}
            onChange={setRate}
            min={0.001}
            max={10_000}
          />
        </Group>
        <Text size="xs" c="dimmed">
          Re-entry, overlap and stops hold for everybody: who may not start is skipped and counted.
        </Text>
        {launch.error && <ErrorState error={launch.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={launch.isPending} disabled={!workflow || !segment}>
            Launch now
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Room for the number is kept, so that the buttons below stay where they are. */
function Size({ segment }: { segment: string | null }) {
  const found = useQuery({
    queryKey: ['segments', 'one', segment],
    enabled: segment !== null,
    queryFn: () => ok(api.GET('/v1/segments/{ref}', { params: { path: { ref: segment ?? '' } } })),
  });
  const people = found.data?.count;
  return (
    <Alert color="gray" p="xs" mih={40} role="status">
      {segment === null
        ? 'Choose for whom.'
        : people == null
          ? 'Counting …'
          : people === 1
            ? 'One contact is in it now.'
            : `${count(people)} contacts are in it now.`}
    </Alert>
  );
}

/** Workflows that are published. */
function useLaunchable() {
  const { data } = useWorkflows();
  return data
    ?.filter(({ version, state }) => version !== null && state !== 'archived')
    .map(({ key, name }) => ({ value: key, label: name }));
}

/** The segment that a workflow starts with, if it starts with one. */
function useOwnSegment(workflow: string | null): string | null {
  const found = useQuery({
    queryKey: ['workflows', 'one', workflow],
    enabled: workflow !== null,
    queryFn: () =>
      ok(api.GET('/v1/workflows/{ref}', { params: { path: { ref: workflow ?? '' } } })),
  });
  const start = found.data?.definition.start;
  if (typeof start !== 'object' || start === null || !('segment' in start)) return null;
  return typeof start.segment === 'string' ? start.segment : null;
}
