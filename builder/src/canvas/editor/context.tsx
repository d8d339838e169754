/** The editor, and what the canvas knows beside the drawing, for the components below. */
import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react';
import type { Drawing } from '../model/types';
import type { Editor, EditorState } from './editor';

const EditorContext = createContext<Editor | null>(null);

export function EditorProvider({ editor, children }: { editor: Editor; children: ReactNode }) {
  return <EditorContext.Provider value={editor}>{children}</EditorContext.Provider>;
}

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (editor === null) throw new Error('useEditor is used outside of an EditorProvider');
  return editor;
}

export function useEditorState(): EditorState {
  const editor = useEditor();
  return useSyncExternalStore(editor.subscribe, editor.state);
}

export function useDrawing(): Drawing {
  return useEditorState().drawing;
}
