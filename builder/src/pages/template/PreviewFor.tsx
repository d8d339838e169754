import { Button, Collapse, JsonInput, Paper, Select, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBolt } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, ok } from '@/api/client';
import { ContactPicker } from '@/shared/ContactPicker';
import { inZone, viewerZone } from '@/shared/dates';
import { objectOf } from './written';

interface PreviewForProps {
  contact: string | null;
  onContact: (ref: string | null) => void;
  /** The event's properties as JSON text. */
  event: string;
  onEvent: (text: string) => void;
}

/** For whom the preview is, and after which event. */
export function PreviewFor({ contact, onContact, event, onEvent }: PreviewForProps) {
  const [opened, { toggle }] = useDisclosure(event.trim() !== '');
  const wrong = event.trim() !== '' && objectOf(event) === null;
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs" align="stretch">
        <ContactPicker
          label="Preview for"
          placeholder="Any contact: name, email or userId"
          value={contact}
          onChange={onContact}
        />
        <Button
          variant="subtle"
          size="compact-sm"
          w="fit-content"
          aria-expanded={opened}
          leftSection={<IconBolt size={14} aria-hidden />}
          onClick={toggle}
        >
          {opened ? 'Hide the event' : 'After which event?'}
        </Button>
        <Collapse expanded={opened}>
          <Stack gap="xs">
            {contact !== null && opened && <NewestEvents contact={contact} onEvent={onEvent} />}
            <JsonInput
              label="The event's properties"
              description="What `event` is in the template."
              placeholder={'{ "plan_id": "p1" }'}
              autosize
              minRows={3}
              maxRows={10}
              value={event}
              onChange={onEvent}
              error={wrong ? 'This is no JSON object; the preview goes without it.' : null}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            />
          </Stack>
        </Collapse>
      </Stack>
    </Paper>
  );
}

/** Fills in what the contact really did. */
function NewestEvents({ contact, onEvent }: { contact: string; onEvent: (text: string) => void }) {
  const events = useQuery({
    queryKey: ['events', 'newest-of', contact],
    queryFn: async () => {
      const query = { contact, limit: 20 };
      return (await ok(api.GET('/v1/events', { params: { query } }))).data;
    },
  });
  return (
    <Select
      label="Take one of this contact's newest events"
      placeholder={events.data?.length === 0 ? 'There are none' : 'Choose…'}
      disabled={!events.data?.length}
      value={null}
      data={(events.data ?? []).map((event) => ({
        value: event.id,
        label: `${event.name ?? event.kind}, ${inZone(event.timestamp, viewerZone())}`,
      }))}
      onChange={(id) => {
        const chosen = events.data?.find((event) => event.id === id);
        if (chosen) onEvent(JSON.stringify(chosen.properties, null, 2));
      }}
    />
  );
}
