import {
  Alert,
  Button,
  Code,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, ok } from '@/api/client';
import { CopyButton } from '@/shared/CopyButton';
import { ErrorState } from '@/shared/ErrorState';

type Kind = 'write' | 'secret';

const MEANING: Record<Kind, string> = {
  write: 'For apps and pages: it can only send contacts and events. It may be read by anybody.',
  secret: 'For your servers: it can do everything. Keep it where nobody else reads it.',
};

/** Makes a key and shows it, this once. */
export function KeyDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="New key" closeOnClickOutside={false}>
      <KeyForm onDone={onClose} />
    </Modal>
  );
}

function KeyForm({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('write');
  const make = useMutation({
    mutationFn: () => ok(api.POST('/v1/keys', { body: { name, kind } })),
    meta: { quiet: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys'] }),
  });
  if (make.data) return <Made plain={make.data.key} onDone={onDone} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          description="Where it is used, so that you know it again."
          placeholder="Android app"
          required
          maxLength={200}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <SegmentedControl
          aria-label="Kind"
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          data={[
            { value: 'write', label: 'Write key' },
            { value: 'secret', label: 'Secret key' },
          ]}
        />
        <Text size="sm" c="dimmed" mih={44}>
          {MEANING[kind]}
        </Text>
        {make.isError && <ErrorState error={make.error} />}
        <Button type="submit" loading={make.isPending}>
          Make it
        </Button>
      </Stack>
    </form>
  );
}

function Made({ plain, onDone }: { plain: string; onDone: () => void }) {
  return (
    <Stack>
      <Alert color="yellow" title="Copy it now">
        Only its hash is kept: nobody can show it again.
      </Alert>
      <Group wrap="nowrap" gap="xs">
        <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', flex: 1 }}>
          {plain}
        </Code>
        <CopyButton value={plain} label="Copy the key" />
      </Group>
      <Button onClick={onDone}>I have it</Button>
    </Stack>
  );
}
