import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAddContact } from '@/api/contacts';
import { ErrorState } from '@/shared/ErrorState';

interface AddContactProps {
  opened: boolean;
  onClose: () => void;
}

/** Makes one contact by hand. */
export function AddContact({ opened, onClose }: AddContactProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a contact">
      <Form onDone={onClose} />
    </Modal>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const [userId, setUserId] = useState('');
  const [email, setEmail] = useState('');
  const [phone, setPhone] = useState('');
  const add = useAddContact();
  const navigate = useNavigate();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const id = userId.trim();
    const contact = { userId: id, ...(email && { email }), ...(phone && { phone }) };
    add.mutate(contact, {
      onSuccess: () => {
        onDone();
        void navigate(`/contacts/${encodeURIComponent(id)}`);
      },
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="User id"
          description="The id that your app knows this person by. If it exists, that contact is changed."
          required
          maxLength={512}
          value={userId}
          onChange={(event) => setUserId(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="Email"
          type="email"
          maxLength={320}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput
          label="Phone"
          type="tel"
          maxLength={64}
          value={phone}
          onChange={(event) => setPhone(event.currentTarget.value)}
        />
        {add.error && <ErrorState error={add.error} />}
        <Text size="xs" c="dimmed">
          Workflows that start with a change of a field may start for this contact.
        </Text>
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending} disabled={userId.trim() === ''}>
            Add contact
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
