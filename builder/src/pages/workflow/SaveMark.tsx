import { Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCloudOff, IconLoader2 } from '@tabler/icons-react';
import type { SaveState } from './autosave';
import classes from './Workflow.module.css';

/** Whether what is drawn is on the server. Its width stays, so that nothing beside it moves. */
export function SaveMark({ state }: { state: SaveState }) {
  const { icon: Mark, text, hint } = SAID[state.kind];
  return (
    <Tooltip label={state.kind === 'refused' ? state.problem.detail : hint}>
      <Text
        component="span"
        size="xs"
        c="dimmed"
        className={classes.saved ?? ''}
        role="status"
        data-state={state.kind}
      >
        <Mark size={14} aria-hidden />
        {text}
      </Text>
    </Tooltip>
  );
}

const SAID = {
  saved: {
    icon: IconCheck,
    text: 'Saved',
    hint: 'The draft is saved. Nothing changes for contacts until you publish.',
  },
  saving: { icon: IconLoader2, text: 'Saving…', hint: 'The draft is being saved.' },
  offline: {
    icon: IconCloudOff,
    text: 'Offline: kept in this browser',
    hint: 'Sojourn cannot be reached. What you draw is kept here and saved when the connection is back.',
  },
  signed_out: {
    icon: IconAlertTriangle,
    text: 'Signed out: kept in this browser',
    hint: 'Sign in again: what you drew is kept here, and saved then.',
  },
  conflict: {
    icon: IconAlertTriangle,
    text: 'Not saved: conflict',
    hint: 'Somebody else saved this draft meanwhile.',
  },
  refused: { icon: IconAlertTriangle, text: 'Not saved: kept in this browser', hint: '' },
} as const;
