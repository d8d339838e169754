import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX } from '@tabler/icons-react';
import { asProblem, type Problem } from '@/api/problem';

interface ErrorStateProps {
  error: unknown;
  /** Asks again; without it there is no button. */
  retry?: () => unknown;
}

/** A problem of the server in place of what it kept from being shown: what is wrong, what to do. */
export function ErrorState({ error, retry }: ErrorStateProps) {
  const problem = asProblem(error);
  const Icon = problem.offline ? IconPlugConnectedX : IconAlertTriangle;
  return (
    <Alert color="red" title={problem.title} icon={<Icon aria-hidden />} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem.detail}</Text>
        <IssueList problem={problem} />
        <Text size="sm">{whatToDo(problem)}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={() => void retry()}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Each thing that is wrong, with its place. */
export function IssueList({ problem }: { problem: Problem }) {
  if (problem.issues.length === 0) return null;
  return (
    <List size="sm">
      {problem.issues.map((issue) => (
        <List.Item key={`${issue.path} ${issue.message}`}>
          <Text span inherit ff="monospace">
            {issue.path}
          </Text>{' '}
          {issue.message}
        </List.Item>
      ))}
    </List>
  );
}

function whatToDo(problem: Problem): string {
  if (problem.passing) return 'It usually goes away by itself; try again in a moment.';
  if (problem.status === 401) return 'Sign in again.';
  if (problem.status === 403) return 'Ask an owner of the workspace for the right to do this.';
  if (problem.status === 404) return 'It may have been deleted or renamed; go back to the list.';
  if (problem.status === 409) return 'Somebody changed it meanwhile; reload and look at it again.';
  if (problem.status === 429) return 'Wait a little before you try again.';
  if (problem.status >= 500) return 'If it comes back, tell whoever runs Sojourn.';
  return 'Mend what is named above and try again.';
}
