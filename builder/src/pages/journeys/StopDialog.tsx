import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useStopJourney } from './queries';

interface Props {
  id: string;
  opened: boolean;
  onClose: () => void;
}

/** Ends one journey by hand, with the reason that is kept with it. */
export function StopDialog({ id, opened, onClose }: Props) {
  const [reason, setReason] = useState('');
  const stop = useStopJourney(id);
  return (
    <Modal opened={opened} onClose={onClose} title="Stop this journey?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          stop.mutate(reason.trim(), { onSuccess: onClose });
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            Nothing more is sent by it. A journey that was stopped cannot be taken up again; the
            contact may enter the workflow anew when its rules allow it.
          </Text>
          <Textarea
            label="Reason"
            description="Kept with the journey, for all to read. May be left empty."
            maxLength={500}
            autosize
            minRows={2}
            value={reason}
            data-autofocus
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Let it go on
            </Button>
            <Button type="submit" color="red.9" loading={stop.isPending}>
              Stop the journey
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
