import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { asProblem, type ProblemIssue } from '@/api/problem';
import { diff } from '@/canvas/model/diff';
import { ErrorState } from '@/shared/ErrorState';
import { DiffList } from './DiffList';
import { drawingOf, usePublish, type Version, type Workflow } from './queries';
import type { Draft } from './useDraft';

interface Props {
  workflow: Workflow;
  versions: readonly Version[] | undefined;
  draft: Draft;
  /** The server did not publish: what it said about the blocks. */
  onRefused: (issues: readonly ProblemIssue[]) => void;
  onClose: () => void;
}

/** What publishing would change for contacts, before it does. */
export function PublishDialog({ workflow, versions, draft, onRefused, onClose }: Props) {
  const publish = usePublish(workflow.key);
  const running = versions?.find((one) => one.version === workflow.version);
  const saved = draft.state.kind === 'saved';
  const changes = running
    ? diff(drawingOf(running).definition, drawingOf(workflow).definition)
    : null;
  const go = (): void =>
    publish.mutate(draft.autosave.revision, {
      onSuccess: ({ version, state }) => {
        notifications.show({
          color: 'teal',
          title: `Version ${version} is published`,
          message:
            state === 'paused'
              ? 'The workflow is paused: resume it to let it go on.'
              : 'New journeys begin on it.',
        });
        onClose();
      },
      onError: (error) => onRefused(asProblem(error).issues),
    });
  return (
    <Modal
      opened
      onClose={onClose}
      title={running ? `Publish over version ${running.version}` : 'Publish the first version'}
      size="lg"
    >
      <Stack gap="md">
        {workflow.issues.length > 0 && saved && (
          <Alert
            color="red"
            title={`${workflow.issues.length === 1 ? 'One thing is' : `${workflow.issues.length} things are`} to mend first`}
          >
            <Stack gap={4}>
              {workflow.issues.slice(0, 8).map((issue) => (
                <Text key={`${issue.path} ${issue.message}`} size="sm">
                  {issue.block && <b>{issue.block}: </b>}
                  {issue.message}
                </Text>
              ))}
            </Stack>
          </Alert>
        )}
        {workflow.warnings.length > 0 && (
          <Alert color="yellow" title="What may surprise you">
            {workflow.warnings.map((warning) => (
              <Text key={`${warning.path} ${warning.message}`} size="sm">
                {warning.block && <b>{warning.block}: </b>}
                {warning.message}
              </Text>
            ))}
          </Alert>
        )}
        {changes ? (
          <DiffList changes={changes} />
        ) : (
          <Text size="sm">Contacts begin to enter as soon as it is published.</Text>
        )}
        <Text size="sm" c="dimmed">
          Journeys that are running keep the version they began with.
        </Text>
        {publish.isError && <ErrorState error={publish.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            onClick={go}
            loading={publish.isPending || draft.state.kind === 'saving'}
            disabled={!saved || workflow.issues.length > 0}
          >
            Publish
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
