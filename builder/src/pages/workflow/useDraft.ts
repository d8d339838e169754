import { useEffect, useState, useSyncExternalStore } from 'react';
import { onReturn } from '@/api/connection';
import { loseSession, useSessionLost } from '@/api/session';
import { Editor } from '@/canvas/editor/editor';
import { Autosave } from './autosave';
import { drawingOf, same, saveDraft, useStore, type Version, type Workflow } from './queries';
import { keepUnsent, readUnsent } from './unsent';

const wait = (then: () => void, milliseconds: number): (() => void) => {
  const timer = setTimeout(then, milliseconds);
  return () => clearTimeout(timer);
};

/** The draft under edit: an editor, and what brings its changes to the server. */
export function useDraft(workflow: Workflow, versions: readonly Version[] | undefined) {
  const store = useStore(workflow.key);
  const [{ editor, autosave }] = useState(() => begin(workflow, store));
  useEffect(() => {
    let last = editor.drawing;
    const stop = editor.subscribe(() => {
      if (editor.drawing !== last && !isTheirs(editor)) autosave.changed(editor.drawing);
      last = editor.drawing;
    });
    const stopReturn = onReturn(() => autosave.flush());
    const leave = (): void => autosave.flush();
    window.addEventListener('pagehide', leave);
    return () => {
      stop();
      stopReturn();
      window.removeEventListener('pagehide', leave);
      autosave.flush();
    };
  }, [editor, autosave]);

  const lost = useSessionLost();
  useEffect(() => {
    if (!lost) autosave.flush();
  }, [lost, autosave]);

  useEffect(() => {
    editor.reserve(
      (versions ?? []).flatMap((one) => drawingOf(one).definition.blocks.map((block) => block.id)),
    );
  }, [editor, versions]);

  // Somebody else saved, and nothing of ours waits: go along.
  useEffect(() => {
    if (workflow.revision <= autosave.revision || !autosave.settled) return;
    takeTheirs(editor, autosave, workflow);
  }, [workflow, editor, autosave]);

  const state = useSyncExternalStore(autosave.subscribe, autosave.state);
  return { editor, autosave, state };
}

export type Draft = ReturnType<typeof useDraft>;

const replacing = new WeakSet<Editor>();
const isTheirs = (editor: Editor): boolean => replacing.has(editor);

/** Show what somebody else saved. It is no change of ours, so it is not sent back. */
export function takeTheirs(editor: Editor, autosave: Autosave<Workflow>, theirs: Workflow): void {
  autosave.takeTheirs(theirs.revision);
  replacing.add(editor);
  editor.replace(drawingOf(theirs));
  replacing.delete(editor);
}

function begin(workflow: Workflow, store: (saved: Workflow) => void) {
  const unsent = readUnsent(workflow.id);
  const editor = new Editor(unsent ? unsent.drawing : drawingOf(workflow));
  const autosave = new Autosave<Workflow>(workflow.revision, {
    send: (one) => saveDraft(workflow.key, one),
    keep: (one) => keepUnsent(workflow.id, one),
    onSaved: store,
    onSignedOut: loseSession,
    wait,
  });
  if (unsent && same(unsent.drawing.definition, workflow.definition))
    autosave.takeTheirs(workflow.revision);
  else if (unsent && unsent.revision === workflow.revision) autosave.changed(unsent.drawing);
  else if (unsent) {
    const saved = { at: workflow.updated_at, by: workflow.saved_by };
    autosave.conflict(unsent.drawing, workflow.revision, saved);
  }
  return { editor, autosave };
}
