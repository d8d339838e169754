import { ActionIcon, Divider, Kbd, Modal, Table, Tooltip } from '@mantine/core';
import {
  type Icon,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconHelp,
  IconLayoutDistributeHorizontal,
  IconMaximize,
  IconMinus,
  IconPlus,
} from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';
import { useEditorState } from './context';
import { SHORTCUTS } from './shortcuts';
import classes from './Toolbar.module.css';
import type { Actions } from './useActions';

interface ToolProps {
  icon: Icon;
  label: string;
  onClick: () => void;
  disabled?: boolean;
}

function Tool({ icon: Shown, label, onClick, disabled = false }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="md"
        aria-label={label}
        onClick={onClick}
        disabled={disabled}
      >
        <Shown size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** Zoom and fit; with `actions` also what edits. */
export function Toolbar({ actions, onHelp }: { actions?: Actions; onHelp?: () => void }) {
  const flow = useReactFlow();
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="Canvas" data-panel>
      {actions && <EditTools actions={actions} />}
      <Tool
        icon={IconMinus}
        label="Zoom out"
        onClick={() => void flow.zoomOut({ duration: 120 })}
      />
      <Tool icon={IconPlus} label="Zoom in" onClick={() => void flow.zoomIn({ duration: 120 })} />
      <Tool
        icon={IconMaximize}
        label="Fit into view"
        onClick={() => void flow.fitView({ padding: 0.12, maxZoom: 1, duration: 200 })}
      />
      {onHelp && <Tool icon={IconHelp} label="Keys" onClick={onHelp} />}
    </div>
  );
}

function EditTools({ actions }: { actions: Actions }) {
  const { mayUndo, mayRedo } = useEditorState();
  return (
    <>
      <Tool
        icon={IconArrowBackUp}
        label="Undo"
        onClick={() => actions.editor.undo()}
        disabled={!mayUndo}
      />
      <Tool
        icon={IconArrowForwardUp}
        label="Redo"
        onClick={() => actions.editor.redo()}
        disabled={!mayRedo}
      />
      <Tool icon={IconLayoutDistributeHorizontal} label="Lay out anew" onClick={actions.layOut} />
      <Divider orientation="vertical" mx={4} />
    </>
  );
}

export function ShortcutList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size="lg">
      <Table verticalSpacing={6}>
        <Table.Tbody>
          {SHORTCUTS.map(({ keys, does }) => (
            <Table.Tr key={does}>
              <Table.Td>
                {keys.map((key) => (
                  <Kbd key={key} mr={6}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
