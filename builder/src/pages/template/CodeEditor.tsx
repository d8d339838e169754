import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { closePercentBrace } from '@codemirror/lang-liquid';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useLayoutEffect, useRef } from 'react';
import classes from './CodeEditor.module.css';
import type { KnownPaths } from './known';
import { colours, type Language, language } from './languages';
import type { Fault } from './written';

export interface CodeEditorProps {
  id: string;
  label: string;
  language: Language;
  value: string;
  onChange: (value: string) => void;
  known: KnownPaths;
  faults: readonly Fault[];
  /** One line that cannot be broken: a subject, a link. */
  oneLine?: boolean;
  readOnly?: boolean;
}

/** A part of a template: coloured, completed, and marked where it is wrong. */
export default function CodeEditor(props: CodeEditorProps) {
  const { value, faults, oneLine = false, readOnly = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  // Before the browser paints: an empty frame that grows would push the page down.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text and its listener change without a new editor
  useLayoutEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          language(props.language, () => latest.current.known),
          common,
          oneLine ? single : many,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ id: props.id, 'aria-label': props.label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [props.language, props.id, props.label, oneLine, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const marks = faults.flatMap((fault) => mark(editor.state, fault));
    editor.dispatch(setDiagnostics(editor.state, marks));
  }, [faults]);

  return (
    <div
      ref={host}
      className={classes.editor}
      data-single={oneLine}
      data-text={props.language === 'text'}
      data-invalid={faults.length > 0}
    />
  );
}

/** Faults with a line are marked there; the others are said below the editor. */
function mark(state: EditorState, { line, message }: Fault): Diagnostic[] {
  if (line === null || line > state.doc.lines) return [];
  const { from, to } = state.doc.line(line);
  return [{ from, to, severity: 'error', message }];
}

const common: Extension = [
  history(),
  drawSelection(),
  bracketMatching(),
  closeBrackets(),
  closePercentBrace,
  autocompletion({ icons: false }),
  syntaxHighlighting(colours),
  EditorView.lineWrapping,
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap]),
];

const many: Extension = [
  lineNumbers(),
  highlightActiveLine(),
  search({ top: true }),
  keymap.of([...searchKeymap, ...defaultKeymap]),
];

const single: Extension = [
  EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1 ? [] : change)),
  // A pasted line break becomes a blank, as in any field of one line.
  EditorView.clipboardInputFilter.of((text) => text.replace(/\s*\n\s*/g, ' ')),
  keymap.of([{ key: 'Enter', run: () => true }, ...defaultKeymap]),
];
