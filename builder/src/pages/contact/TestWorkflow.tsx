import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFlask } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useWorkflowChoices } from '@/api/choices';
import { api, ok } from '@/api/client';
import type { ContactDetails } from '@/api/contacts';
import { useSession } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';

/** Leads this contact through a workflow as a test; messages go to the tester alone. */
export function TestWorkflow({ contact }: { contact: ContactDetails }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" leftSection={<IconFlask size={16} />} onClick={open}>
        Test a workflow
      </Button>
      <Modal opened={opened} onClose={close} title="Test a workflow with this contact">
        <Form contact={contact} />
      </Modal>
    </>
  );
}

function Form({ contact }: { contact: ContactDetails }) {
  const { email } = useSession().user;
  const [workflow, setWorkflow] = useState<string | null>(null);
  const [to, setTo] = useState(email);
  const [waits, setWaits] = useState('skip');
  const workflows = useWorkflowChoices();
  const navigate = useNavigate();
  const test = useMutation({
    meta: { quiet: true },
    mutationFn: (ref: string) =>
      ok(
        api.POST('/v1/workflows/{ref}/test', {
          params: { path: { ref } },
          body: {
            userId: contact.id,
            to: to.trim(),
            waits: waits === 'skip' ? 'skip' : { at_most: waits },
          },
        }),
      ),
    onSuccess: (journey) => navigate(`/journeys/${journey.id}`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (workflow) test.mutate(workflow);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Select
          label="Workflow"
          description="Its draft is tested."
          placeholder="Choose one"
          data={workflows.data ?? []}
          value={workflow}
          onChange={setWorkflow}
          searchable
          required
          nothingFoundMessage="No such workflow"
          data-autofocus
        />
        <TextInput
          label="Send messages to"
          description="An email address or a phone number; the contact itself gets nothing."
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          required
        />
        <Radio.Group label="Waits" value={waits} onChange={setWaits}>
          <Group mt={4}>
            <Radio value="skip" label="Passed over" />
            <Radio value="PT10S" label="10 seconds at most" />
            <Radio value="PT1M" label="One minute at most" />
          </Group>
        </Radio.Group>
        {test.error && <ErrorState error={test.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={test.isPending} disabled={!workflow || !to.trim()}>
            Start the test
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
