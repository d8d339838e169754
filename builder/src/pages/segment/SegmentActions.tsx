import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { asProblem } from '@/api/problem';
import { changeSegment, deleteSegment, type Segment, useSegmentChange } from '@/api/segments';
import { useMay } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';

/** Red that reads well on the page in both schemes. */
const RED_TEXT = 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))';

/** Rename and delete. */
export function SegmentActions({ segment }: { segment: Segment }) {
  const mayEdit = useMay('edit');
  const [open, setOpen] = useState<'name' | 'delete' | null>(null);
  if (!mayEdit) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPencil size={16} />}
        onClick={() => setOpen('name')}
      >
        Rename
      </Button>
      <Button
        variant="default"
        c={RED_TEXT}
        leftSection={<IconTrash size={16} />}
        onClick={() => setOpen('delete')}
      >
        Delete
      </Button>
      <Modal opened={open === 'name'} onClose={() => setOpen(null)} title="Rename the segment">
        <NameForm segment={segment} done={() => setOpen(null)} />
      </Modal>
      <Modal
        opened={open === 'delete'}
        onClose={() => setOpen(null)}
        title={`Delete “${segment.name}”?`}
      >
        <DeleteForm segment={segment} cancel={() => setOpen(null)} />
      </Modal>
    </>
  );
}

function NameForm({ segment, done }: { segment: Segment; done: () => void }) {
  const [name, setName] = useState(segment.name);
  const rename = useSegmentChange(() => changeSegment(segment.key, { name, start_members: false }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate(undefined, { onSuccess: done });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          value={name}
          required
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {rename.error && <ErrorState error={rename.error} />}
        <Button type="submit" loading={rename.isPending} style={{ alignSelf: 'flex-end' }}>
          Rename
        </Button>
      </Stack>
    </form>
  );
}

function DeleteForm({ segment, cancel }: { segment: Segment; cancel: () => void }) {
  const navigate = useNavigate();
  const remove = useSegmentChange(() => deleteSegment(segment.key));
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <Stack>
      <div>Its members and its history go with it; contacts stay. This cannot be undone.</div>
      {problem?.status === 409 ? (
        <Alert color="red" title="It is in use" role="alert">
          {problem.detail}
        </Alert>
      ) : (
        problem && <ErrorState error={problem} />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={cancel} data-autofocus>
          Cancel
        </Button>
        <Button
          color="red"
          loading={remove.isPending}
          onClick={() => remove.mutate(undefined, { onSuccess: () => void navigate('/segments') })}
        >
          Delete segment
        </Button>
      </Group>
    </Stack>
  );
}
