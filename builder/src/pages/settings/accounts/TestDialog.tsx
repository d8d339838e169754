import {
  Badge,
  Button,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSession } from '@/api/session';
import { ContactPicker } from '@/shared/ContactPicker';
import { ErrorState } from '@/shared/ErrorState';
import { type Account, useTestAccount } from '../queries';
import { addressWords, kindWords, OUTCOMES } from './words';

/** Really sends a test by one account, and says what the provider answered. */
export function TestDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const { user } = useSession();
  const [by, setBy] = useState<'address' | 'contact'>('address');
  const [to, setTo] = useState(account.channel === 'email' ? user.email : '');
  const [contact, setContact] = useState<string | null>(null);
  const test = useTestAccount();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const whom = by === 'address' ? { to: to.trim() } : { userId: contact ?? '' };
    test.mutate({ ref: account.id, ...whom });
  };
  return (
    <Modal opened onClose={onClose} title={`Send a test by ${kindWords(account.kind)}`}>
      <form onSubmit={submit}>
        <Stack>
          <SegmentedControl
            aria-label="To whom"
            value={by}
            onChange={(value) => setBy(value as typeof by)}
            data={[
              { value: 'address', label: 'To an address' },
              { value: 'contact', label: 'To a contact' },
            ]}
          />
          {by === 'address' ? (
            <TextInput
              label={addressWords(account.channel)}
              required
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          ) : (
            <ContactPicker label="Contact" value={contact} onChange={setContact} required />
          )}
          <Text size="xs" c="dimmed">
            It really goes out, whether or not the account is switched on, and is counted nowhere.
          </Text>
          {test.isError && <ErrorState error={test.error} />}
          <Stack gap="xs" role="status">
            {test.data?.data.map(({ to: address, outcome, provider_id, reason }) => (
              <Group key={address} gap="xs" wrap="nowrap" align="flex-start">
                <Badge variant="light" color={OUTCOMES[outcome].color} style={{ flex: 'none' }}>
                  {OUTCOMES[outcome].label}
                </Badge>
                <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {[address, reason ?? provider_id].filter(Boolean).join(' · ')}
                </Text>
              </Group>
            ))}
            {test.data?.data.length === 0 && (
              <Text size="sm">The contact has no address for this channel.</Text>
            )}
          </Stack>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button
              type="submit"
              loading={test.isPending}
              disabled={by === 'address' ? to.trim() === '' : contact === null}
            >
              Send it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
