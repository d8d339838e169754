import { ReactFlowProvider } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Flow } from '../flow/Flow';
import type { At } from '../flow/hit';
import { InsertContext } from '../flow/InsertEdge';
import type { CanvasNode, Extras } from '../flow/nodes';
import { NO_EXTRAS } from '../flow/nodes';
import type { PlacedIssue } from '../model/issues';
import { BlockMenu, type Gap } from './BlockMenu';
import { useDrawing, useEditor } from './context';
import classes from './DrawCanvas.module.css';
import { Inspector } from './Inspector';
import { Palette, PaletteButton } from './Palette';
import { ShortcutList, Toolbar } from './Toolbar';
import { useActions } from './useActions';
import { useFlowEdits } from './useFlowEdits';
import { useClipboard, useKeys } from './useKeys';

interface Props {
  issues: ReadonlyMap<string, readonly PlacedIssue[]>;
  /** A block that something outside asked to show; `at` tells one asking from the next. */
  wanted?: { readonly id: string; readonly at: number } | null;
}

/** The canvas on which a workflow is drawn: blocks to choose from, the drawing, the form. */
export function DrawCanvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Drawn {...props} />
    </ReactFlowProvider>
  );
}

function Drawn({ issues, wanted = null }: Props) {
  const editor = useEditor();
  const drawing = useDrawing();
  const actions = useActions();
  const [gap, setGap] = useState<Gap | null>(null);
  const edits = useFlowEdits(setGap);
  const insert = useCallback((edge: string, at: At) => setGap({ edge, at }), []);
  const [open, setOpen] = useState<string | null>(null);
  const [help, setHelp] = useState(false);
  const extras = useMemo<Extras>(() => ({ ...NO_EXTRAS, issues }), [issues]);

  const openForm = useCallback(() => {
    const [id, more] = actions.selectedIds();
    if (id === undefined || more !== undefined) return;
    setOpen(id);
    requestAnimationFrame(() =>
      document
        .querySelector<HTMLElement>('[data-form] input:not([type=hidden]), [data-form] textarea')
        ?.focus(),
    );
  }, [actions]);
  const closeForm = useCallback(() => setOpen(null), []);
  const showHelp = useCallback(() => setHelp(true), []);
  useKeys(actions, { openForm, closeForm, showHelp, insert });
  useClipboard(actions);

  useEffect(
    () =>
      editor.onRename((from, to) => {
        setOpen((id) => (id === from ? to : id));
        actions.select([to]);
      }),
    [editor, actions],
  );
  useEffect(() => {
    if (!wanted) return;
    actions.select([wanted.id]);
    actions.reveal(wanted.id);
    setOpen(wanted.id);
  }, [wanted, actions]);

  return (
    <div className={classes.draw}>
      <Palette onAdd={actions.addKind} onDrop={actions.dropBlock} />
      <div className={classes.canvas}>
        <InsertContext value={insert}>
          <Flow
            drawing={drawing}
            extras={extras}
            edits={edits}
            onNodeClick={(event, node: CanvasNode) => {
              const adds = event.shiftKey || event.ctrlKey || event.metaKey;
              setOpen(adds ? null : node.id);
            }}
            onPaneClick={closeForm}
          >
            <Toolbar actions={actions} onHelp={showHelp} />
          </Flow>
        </InsertContext>
        <BlockMenu
          gap={gap}
          onAdd={(kind, where) => {
            setGap(null);
            actions.addInto(kind, where);
          }}
          onClose={() => setGap(null)}
        />
        <PaletteButton onAdd={actions.addKind} />
        {open !== null && (
          <Inspector id={open} issues={issues} actions={actions} onClose={closeForm} />
        )}
      </div>
      <ShortcutList opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}
