import { Button, Group, Paper, Select, Stack, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { SESSION, useMay } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';
import { type Settings, useSaveSettings } from './queries';
import { zones } from './zones';

/** The workspace's name and time zone. */
export function WorkspaceForm({ settings }: { settings: Settings }) {
  const client = useQueryClient();
  const mayOwn = useMay('own');
  const [name, setName] = useState(settings.name);
  const [timezone, setTimezone] = useState(settings.timezone);
  const save = useSaveSettings();
  const changed = name !== settings.name || timezone !== settings.timezone;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { name, timezone },
      {
        onSuccess: () => {
          void client.invalidateQueries({ queryKey: SESSION });
          notifications.show({ message: 'The settings are saved.' });
        },
      },
    );
  };
  return (
    <Paper withBorder p="md" component="form" onSubmit={submit}>
      <Stack>
        <Title order={2} size="h4">
          Workspace
        </Title>
        <TextInput
          label="Name"
          required
          maxLength={200}
          readOnly={!mayOwn}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label="Time zone"
          description="For contacts whose own zone nobody knows. A new zone holds for waits that begin from then on."
          searchable
          data={zones(settings.timezone)}
          value={timezone}
          allowDeselect={false}
          readOnly={!mayOwn}
          limit={100}
          onChange={(value) => value !== null && setTimezone(value)}
        />
        {save.isError && <ErrorState error={save.error} />}
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
