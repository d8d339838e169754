import { Tooltip } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import type { PlacedIssue } from '../model/issues';
import classes from './Nodes.module.css';

/** What is wrong with a block, or will surprise: a mark that tells on hover and to screen readers. */
export function IssueBadge({ issues }: { issues: readonly PlacedIssue[] | undefined }) {
  if (!issues?.length) return null;
  const broken = issues.some((issue) => issue.severity === 'error');
  const text = issues.map((issue) => issue.message).join('\n');
  const Mark = broken ? IconAlertCircle : IconAlertTriangle;
  return (
    <Tooltip label={text} style={{ whiteSpace: 'pre-line' }}>
      <span
        className={classes.badge}
        data-severity={broken ? 'error' : 'warning'}
        role="img"
        aria-label={text}
      >
        <Mark size={16} aria-hidden />
      </span>
    </Tooltip>
  );
}
