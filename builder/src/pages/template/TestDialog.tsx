import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import type { FormEvent } from 'react';
import { useSession } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';
import { CHANNELS, type Channel, channelLabel } from '../templates/channels';
import { type PreviewAsked, useSendTest } from '../templates/queries';

interface TestDialogProps {
  channel: Channel;
  asked: PreviewAsked;
  /** Whom it is rendered for. */
  contact: string | null;
  onClose: () => void;
}

/** Sends what is in the editor, saved or not, to one address. */
export function TestDialog({ channel, asked, contact, onClose }: TestDialogProps) {
  const email = CHANNELS[channel].addressed === 'email';
  const { user } = useSession();
  const [to, setTo] = useLocalStorage({
    key: `sojourn-test-${channel}`,
    defaultValue: email ? user.email : '',
    getInitialValueInEffect: false,
  });
  const test = useSendTest();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate(
      { ...asked, to: to.trim() },
      {
        onSuccess: () => {
          notifications.show({ color: 'teal', message: `The test is on its way to ${to}.` });
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title="Send a test">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={email ? 'Email address' : 'Phone number'}
            type={email ? 'email' : 'tel'}
            required
            data-autofocus
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed">
            By {channelLabel(channel)}, as it stands in the editor,{' '}
            {contact === null ? 'without any contact’s data' : `with the data of ${contact}`}, and
            marked [Test]. It is sent to nobody else and counts nowhere.
          </Text>
          {test.isError && <ErrorState error={test.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={test.isPending}>
              Send test
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
