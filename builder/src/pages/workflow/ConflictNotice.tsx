import { Alert, Button, Group, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { When } from '@/shared/When';
import { readWorkflow } from './queries';
import { type Draft, takeTheirs } from './useDraft';

/** Two people drew at once: one of them decides whose drawing stays. */
export function ConflictNotice({ draft, reference }: { draft: Draft; reference: string }) {
  const { editor, autosave, state } = draft;
  const theirs = useMutation({
    mutationFn: () => readWorkflow(reference),
    onSuccess: (workflow) => takeTheirs(editor, autosave, workflow),
  });
  const mine = useMutation({
    mutationFn: () => readWorkflow(reference),
    onSuccess: (workflow) => autosave.keepMine(workflow.revision),
  });
  if (state.kind !== 'conflict') return null;
  return (
    <Alert
      color="yellow"
      icon={<IconUsers aria-hidden />}
      title={`${state.by ?? 'Somebody else'} saved this draft meanwhile`}
      role="alert"
      radius={0}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          Your drawing is kept in this browser
          {state.at && (
            <>
              {' '}
              (theirs was saved <When at={state.at} ago />)
            </>
          )}
          . Look at theirs and lose yours, or save yours over it.
        </Text>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            loading={theirs.isPending}
            onClick={() => theirs.mutate()}
          >
            See theirs
          </Button>
          <Button size="xs" loading={mine.isPending} onClick={() => mine.mutate()}>
            Keep mine
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}
