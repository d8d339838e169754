import { Alert, List } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import type { PlacedIssue } from '../model/issues';

/** What is wrong with the thing that a form is about, and what would be right. */
export function IssueList({ issues }: { issues: readonly PlacedIssue[] }) {
  const errors = issues.filter((issue) => issue.severity === 'error');
  const warnings = issues.filter((issue) => issue.severity === 'warning');
  return (
    <>
      {errors.length > 0 && (
        <Alert color="red" icon={<IconAlertCircle />} p="xs">
          <Messages issues={errors} />
        </Alert>
      )}
      {warnings.length > 0 && (
        <Alert color="yellow" icon={<IconAlertTriangle />} p="xs">
          <Messages issues={warnings} />
        </Alert>
      )}
    </>
  );
}

function Messages({ issues }: { issues: readonly PlacedIssue[] }) {
  return (
    <List size="sm" listStyleType="none">
      {issues.map((issue) => (
        <List.Item key={`${issue.path} ${issue.message}`}>{issue.message}</List.Item>
      ))}
    </List>
  );
}
