import { Button, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { api, ok } from '@/api/client';
import { asProblem } from '@/api/problem';
import { emptyDefinition } from '@/canvas/model/empty';
import { ErrorState } from '@/shared/ErrorState';
import { keyFrom } from './keys';
import { type Starter, starters } from './starters';

const EMPTY = 'empty';

/** A new workflow: its name, and what it starts from. */
export function CreateDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const phone = useMediaQuery('(max-width: 36em)');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="New workflow"
      size="lg"
      fullScreen={phone ?? false}
    >
      <CreateForm />
    </Modal>
  );
}

function CreateForm() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const ready = useQuery({ queryKey: ['starters'], queryFn: starters, staleTime: Infinity });
  const [name, setName] = useState('');
  const [key, setKey] = useState<string | null>(null);
  const [from, setFrom] = useState(EMPTY);
  const shownKey = key ?? keyFrom(name);
  const create = useMutation({
    mutationFn: async () => {
      const starter = ready.data?.find((one) => one.key === from);
      await makeTemplates(starter);
      const body = {
        key: shownKey,
        name,
        definition: starter?.definition ?? { ...emptyDefinition(name) },
      };
      return ok(api.POST('/v1/workflows', { params: { query: { check: 'later' } }, body }));
    },
    meta: { quiet: true },
    onSuccess: async (workflow) => {
      await client.invalidateQueries({ queryKey: ['workflows'] });
      await navigate(`/workflows/${workflow.key}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  const choose = (choice: string) => {
    const starter = ready.data?.find((one) => one.key === choice);
    setFrom(choice);
    if (starter && (name === '' || ready.data?.some((one) => one.name === name))) {
      setName(starter.name);
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {(ready.data?.length ?? 0) > 0 && (
          <Radio.Group label="Start from" value={from} onChange={choose}>
            <Stack gap="xs" mt={4} mah="40dvh" style={{ overflowY: 'auto' }}>
              <StarterCard
                value={EMPTY}
                name="An empty drawing"
                description="Begin from nothing."
              />
              {ready.data?.map((starter) => (
                <StarterCard
                  key={starter.key}
                  value={starter.key}
                  name={starter.name}
                  description={starter.description}
                />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <TextInput
          label="Name"
          required
          maxLength={200}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextInput
          label="Key"
          description="What your programs call it; it stays as it is."
          required
          pattern="[A-Za-z0-9_\-]{1,100}"
          title="Letters, digits, - and _"
          value={shownKey}
          onChange={(event) => setKey(event.target.value)}
          error={taken(create.error) ? 'Another workflow has this key.' : undefined}
        />
        {create.isError && !taken(create.error) && <ErrorState error={create.error} />}
        <Button type="submit" loading={create.isPending}>
          Make it
        </Button>
      </Stack>
    </form>
  );
}

function StarterCard(props: { value: string; name: string; description: string }) {
  return (
    <Radio.Card value={props.value} p="sm" radius="md">
      <Text size="sm" fw={600}>
        {props.name}
      </Text>
      <Text size="sm" c="dimmed">
        {props.description}
      </Text>
    </Radio.Card>
  );
}

/** The templates that a ready workflow names, unless there are such already. */
async function makeTemplates(starter: Starter | undefined): Promise<void> {
  for (const body of starter?.templates ?? []) {
    try {
      await ok(api.POST('/v1/templates', { body }));
    } catch (error) {
      if (asProblem(error).status !== 409) throw error;
    }
  }
}

function taken(error: unknown): boolean {
  return error !== null && asProblem(error).status === 409;
}
