import { Collapse, Text, UnstyledButton } from '@mantine/core';
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconChevronUp,
  IconCircleCheck,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { PlacedIssue } from '@/canvas/model/issues';
import { START, STOPS } from '@/canvas/model/types';
import classes from './Workflow.module.css';

/** All that keeps the draft from being published, and what will surprise; each leads to its block. */
export function IssuesBar({
  issues,
  onShow,
}: {
  issues: readonly PlacedIssue[];
  onShow: (id: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const warnings = issues.length - errors;
  return (
    <section className={classes.issues} aria-label="What to mend" data-panel>
      <UnstyledButton
        className={classes.issuesHead ?? ''}
        aria-expanded={open}
        disabled={issues.length === 0}
        onClick={() => setOpen(!open)}
      >
        {errors > 0 ? (
          <IconAlertCircle size={16} aria-hidden data-severity="error" />
        ) : warnings > 0 ? (
          <IconAlertTriangle size={16} aria-hidden data-severity="warning" />
        ) : (
          <IconCircleCheck size={16} aria-hidden data-severity="none" />
        )}
        <Text size="sm">{summary(errors, warnings)}</Text>
        {issues.length > 0 && (
          <IconChevronUp
            size={16}
            aria-hidden
            className={classes.chevron}
            data-open={open || undefined}
          />
        )}
      </UnstyledButton>
      <Collapse expanded={open && issues.length > 0}>
        <ul className={classes.issueList}>
          {issues.map((issue) => (
            <li key={`${issue.path} ${issue.message}`}>
              <UnstyledButton
                className={classes.issue ?? ''}
                disabled={issue.owner === null}
                onClick={() => issue.owner !== null && onShow(issue.owner)}
              >
                <Text span size="sm" fw={600}>
                  {ownerName(issue.owner)}
                </Text>{' '}
                <Text span size="sm">
                  {issue.message}
                </Text>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      </Collapse>
    </section>
  );
}

function summary(errors: number, warnings: number): string {
  const parts = [
    errors > 0 ? `${errors} ${errors === 1 ? 'thing' : 'things'} to mend before publishing` : '',
    warnings > 0 ? `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}` : '',
  ].filter(Boolean);
  return parts.join(', ') || 'Ready to publish';
}

function ownerName(owner: string | null): string {
  if (owner === START) return 'Start';
  if (owner === STOPS) return 'Stop';
  return owner ?? 'Workflow';
}
