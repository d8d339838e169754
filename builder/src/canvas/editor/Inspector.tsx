import { Button, CloseButton, Drawer, Group, ScrollArea, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCopy, IconTrash } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { LoadingRows } from '@/shared/LoadingRows';
import { blockType } from '../blocks/registry';
import type { PlacedIssue } from '../model/issues';
import { START, STOPS } from '../model/types';
import { useDrawing } from './context';
import classes from './Inspector.module.css';
import type { Actions } from './useActions';

// Forms come when the first one is opened: the drawing is there without them.
const BlockForm = lazy(() =>
  import('../forms/BlockForm').then((module) => ({ default: module.BlockForm })),
);
const StartForm = lazy(() =>
  import('../forms/StartForm').then((module) => ({ default: module.StartForm })),
);
const StopsForm = lazy(() =>
  import('../forms/StopsForm').then((module) => ({ default: module.StopsForm })),
);

interface Props {
  /** The block or card whose form is open. */
  id: string;
  issues: ReadonlyMap<string, readonly PlacedIssue[]>;
  actions: Actions;
  onClose: () => void;
}

const NONE: readonly PlacedIssue[] = [];

/** The form of what is chosen: at the right, on a small screen from below. */
export function Inspector({ id, issues, actions, onClose }: Props) {
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const { definition } = useDrawing();
  const block = definition.blocks.find((one) => one.id === id);
  const found = issues.get(id) ?? NONE;
  let title: string;
  let form: ReactNode;
  if (id === START) {
    title = 'Start';
    form = <StartForm start={definition.start} issues={found} />;
  } else if (id === STOPS) {
    title = 'Stop';
    form = <StopsForm stops={definition.stop ?? []} issues={found} />;
  } else if (block) {
    title = blockType(block.kind).label;
    form = <BlockForm block={block} issues={found} />;
  } else {
    return null;
  }
  const tools = block && (
    <Group gap="xs" mt="lg">
      <Button
        variant="default"
        size="xs"
        leftSection={<IconCopy size={14} />}
        onClick={actions.duplicate}
      >
        Duplicate
      </Button>
      <Button
        variant="default"
        c="red"
        size="xs"
        leftSection={<IconTrash size={14} />}
        onClick={() => {
          actions.remove();
          onClose();
        }}
      >
        Delete
      </Button>
    </Group>
  );
  if (narrow) {
    return (
      <Drawer opened onClose={onClose} position="bottom" size="80%" title={title} data-form>
        <Suspense fallback={<LoadingRows />}>{form}</Suspense>
        {tools}
      </Drawer>
    );
  }
  return (
    <aside
      className={classes.inspector}
      aria-label={`${title}: settings`}
      data-panel
      data-form
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      <Group justify="space-between" className={classes.head ?? ''}>
        <Text component="h2" fw={600}>
          {title}
        </Text>
        <CloseButton aria-label="Close the form" onClick={onClose} />
      </Group>
      <ScrollArea className={classes.body ?? ''} type="auto" viewportProps={{ tabIndex: -1 }}>
        <Suspense fallback={<LoadingRows />}>{form}</Suspense>
        {tools}
      </ScrollArea>
    </aside>
  );
}
