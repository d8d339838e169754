import { Alert, Button, Group, Modal, Select, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, type Model, ok } from '@/api/client';

type Channel = Model<'SuppressionCreate'>['channel'];

const CHANNELS: readonly { value: Channel; label: string }[] = [
  { value: 'email', label: 'Email' },
  { value: 'sms', label: 'SMS' },
];

/** Addresses to suppress by hand, one a line. What is none is shown again, and stays to be mended. */
export function SuppressDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [channel, setChannel] = useState<Channel>('email');
  const [written, setWritten] = useState('');
  const save = useMutation({
    mutationFn: (addresses: string[]) =>
      ok(api.POST('/v1/suppressions', { body: { channel, addresses, reason: 'manual' } })),
    onSuccess: ({ refused }) => {
      void client.invalidateQueries({ queryKey: ['suppressions'] });
      if (refused.length === 0) onClose();
      else setWritten(refused.join('\n'));
    },
  });
  const addresses = written
    .split(/[\n,;]/)
    .map((one) => one.trim())
    .filter(Boolean);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(addresses);
  };
  return (
    <Modal opened onClose={onClose} title="Suppress addresses">
      <form onSubmit={submit}>
        <Stack>
          <Select
            label="Channel"
            data={CHANNELS}
            value={channel}
            allowDeselect={false}
            onChange={(chosen) =>
              setChannel(CHANNELS.find((one) => one.value === chosen)?.value ?? 'email')
            }
          />
          <Textarea
            label="Addresses"
            description="One a line, up to 1,000."
            required
            autosize
            minRows={4}
            maxRows={12}
            value={written}
            onChange={(event) => setWritten(event.currentTarget.value)}
          />
          {save.data && save.data.refused.length > 0 && (
            <Alert color="yellow" role="alert">
              {save.data.suppressed} suppressed. What is left above is no address of the channel.
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={addresses.length === 0}>
              Suppress
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
