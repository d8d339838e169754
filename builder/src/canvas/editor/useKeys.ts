import { useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';
import type { At } from '../flow/hit';
import type { CanvasNode } from '../flow/nodes';
import { GRID, moveBlocks } from '../model/edits';
import { START } from '../model/types';
import { ARROWS, isElsewhere, neighbour, nudged } from './shortcuts';
import type { Actions } from './useActions';

interface Handlers {
  openForm: () => void;
  closeForm: () => void;
  showHelp: () => void;
  /** Opens the choice of blocks for an edge. */
  insert: (edge: string, at: At) => void;
}

/** The keyboard: everything the mouse can do, as `SHORTCUTS` lists it. */
export function useKeys(
  actions: Actions,
  { openForm, closeForm, showHelp, insert }: Handlers,
): void {
  const flow = useReactFlow<CanvasNode>();
  useEffect(() => {
    const { editor } = actions;
    const goTo = (id: string): void => {
      actions.select([id]);
      document
        .querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)
        ?.focus({ preventScroll: true });
      actions.reveal(id);
    };
    const leave = (): void => {
      closeForm();
      actions.select([]);
    };
    const withControl = (key: string, shift: boolean): (() => void) | undefined =>
      ({
        z: shift ? () => editor.redo() : () => editor.undo(),
        y: () => editor.redo(),
        d: () => actions.duplicate(),
        a: () => actions.selectAll(),
      })[key];
    const plain = (key: string): (() => void) | undefined =>
      ({
        Delete: actions.remove,
        Backspace: actions.remove,
        Escape: leave,
        '?': showHelp,
        l: actions.layOut,
        f: () => void flow.fitView({ padding: 0.12, maxZoom: 1, duration: 200 }),
        '+': () => void flow.zoomIn({ duration: 120 }),
        '-': () => void flow.zoomOut({ duration: 120 }),
        b: () => document.querySelector<HTMLElement>('nav[aria-label="Blocks"] button')?.focus(),
      })[key];
    const arrow = (event: KeyboardEvent): (() => void) | undefined => {
      const direction = ARROWS[event.key];
      if (!direction) return undefined;
      const ids = actions.selectedIds();
      if (event.altKey) {
        return () =>
          editor.edit(
            (drawing) => moveBlocks(drawing, nudged(drawing.layout, ids, direction, GRID)),
            `nudge ${ids.join()}`,
          );
      }
      const [from] = ids;
      return () => {
        const id = from === undefined ? START : neighbour(editor.drawing, from, direction);
        if (id !== null) goTo(id);
      };
    };
    const enter = (event: KeyboardEvent): (() => void) | undefined => {
      if (event.key !== 'Enter') return undefined;
      const edge = document.activeElement?.closest('.react-flow__edge');
      const edgeId = edge?.getAttribute('data-id');
      if (edge && edgeId) {
        const { left, top, width, height } = edge.getBoundingClientRect();
        return () => insert(edgeId, { x: left + width / 2, y: top + height / 2 });
      }
      const focused = document.activeElement?.closest('.react-flow__node')?.getAttribute('data-id');
      if (
        !focused &&
        (document.activeElement !== document.body || actions.selectedIds().length !== 1)
      ) {
        return undefined;
      }
      return () => {
        if (focused) actions.select([focused]);
        openForm();
      };
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (isElsewhere(event.target) || event.defaultPrevented) return;
      const control = event.ctrlKey || event.metaKey;
      const act = control
        ? withControl(event.key.toLowerCase(), event.shiftKey)
        : (arrow(event) ?? enter(event) ?? (event.altKey ? undefined : plain(event.key)));
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [actions, flow, openForm, closeForm, showHelp, insert]);
}

/** Copy, cut and paste by the browser's own events: they carry the clipboard without asking for it. */
export function useClipboard(actions: Actions): void {
  const flow = useReactFlow<CanvasNode>();
  useEffect(() => {
    let pointer: { x: number; y: number } | null = null;
    const onMove = (event: PointerEvent): void => {
      const over = event.target instanceof Element && event.target.closest('.react-flow');
      pointer = over ? { x: event.clientX, y: event.clientY } : null;
    };
    const onCopy = (event: ClipboardEvent): void => {
      if (isElsewhere(event.target) || !window.getSelection()?.isCollapsed) return;
      const text = actions.copied();
      if (text === null) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      if (event.type === 'cut') actions.remove();
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (isElsewhere(event.target)) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      const at = pointer && flow.screenToFlowPosition(pointer);
      if (actions.insertPasted(text, at && [at.x, at.y])) event.preventDefault();
    };
    document.addEventListener('pointermove', onMove, { passive: true });
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('pointermove', onMove);
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, [actions, flow]);
}
