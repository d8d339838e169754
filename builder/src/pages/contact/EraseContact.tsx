import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { type ContactDetails, useEraseContact } from '@/api/contacts';

/** Erases a contact for good, once its id has been typed. */
export function EraseContact({ contact }: { contact: ContactDetails }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState('');
  const erase = useEraseContact();
  const navigate = useNavigate();
  const ref = contact.userId ?? contact.id;
  const submit = (): void =>
    erase.mutate(ref, {
      onSuccess: () => {
        notifications.show({ message: `${ref} was erased.` });
        void navigate('/contacts', { replace: true });
      },
    });
  return (
    <>
      <Button variant="default" leftSection={<IconTrash size={16} />} onClick={open}>
        Erase
      </Button>
      <Modal opened={opened} onClose={close} title="Erase this contact?">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (typed === ref) submit();
          }}
        >
          <Stack>
            <Alert color="red">
              Everything that is known of the contact is deleted: fields, devices, events, orders,
              messages and journeys. Journeys under way end. This cannot be undone.
            </Alert>
            <TextInput
              label={`Type ${ref} to confirm`}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" color="red" disabled={typed !== ref} loading={erase.isPending}>
                Erase for good
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
