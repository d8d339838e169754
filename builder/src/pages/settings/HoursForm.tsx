import { Button, Group, Paper, Stack, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { asProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import { HoursFields } from '@/canvas/fields/hours';
import type { AllowedHours } from '@/canvas/model/types';
import { ErrorState } from '@/shared/ErrorState';
import { type Settings, useSaveSettings } from './queries';

/** The hours in which messages leave whose blocks name none. */
export function HoursForm({ settings }: { settings: Settings }) {
  const mayOwn = useMay('own');
  const present = (settings.allowed_hours ?? null) as AllowedHours | null;
  const [hours, setHours] = useState<AllowedHours | null>(present);
  const save = useSaveSettings();
  const changed = JSON.stringify(hours) !== JSON.stringify(present);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(
      { allowed_hours: hours && { weekdays: [], otherwise: 'wait', spread: null, ...hours } },
      { onSuccess: () => notifications.show({ message: 'The hours are saved.' }) },
    );
  };
  return (
    <Paper withBorder p="md" component="form" onSubmit={submit} aria-label="Quiet hours">
      <Stack>
        <Title order={2} size="h4">
          Quiet hours
        </Title>
        <HoursFields
          label="Send only at certain hours, in the contact’s time"
          description="For blocks that name no hours of their own. Not for what is owed to the contact, nor for messages in the app."
          value={hours}
          readOnly={!mayOwn}
          error={undefined}
          onChange={setHours}
        />
        {save.isError && <ErrorState error={asProblem(save.error)} />}
        {mayOwn && (
          <Group>
            <Button type="submit" disabled={!changed} loading={save.isPending}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}
