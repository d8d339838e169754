import { ActionIcon, Tooltip } from '@mantine/core';
import { IconGripVertical } from '@tabler/icons-react';
import { useEditing } from '../context';
import { step } from '../model/edits';
import { endDrag, startDrag } from './dragging';

/** Moves a row: dragged, or by the arrow keys. */
export function Grip({ id, what }: { id: string; what: string }) {
  const { apply } = useEditing();
  return (
    <Tooltip label="Drag, or press ↑ and ↓">
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        data-grip={id}
        draggable
        style={{ cursor: 'grab' }}
        aria-label={`Move ${what}: arrow up, arrow down`}
        onDragStart={(event) => startDrag(event, id)}
        onDragEnd={endDrag}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
          event.preventDefault();
          const by = event.key === 'ArrowUp' ? -1 : 1;
          apply((tree) => step(tree, id, by), id);
        }}
      >
        <IconGripVertical size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
