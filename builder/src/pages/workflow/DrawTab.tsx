import { useMemo, useState } from 'react';
import { EditorProvider } from '@/canvas/editor/context';
import { DrawCanvas } from '@/canvas/editor/DrawCanvas';
import { NO_EXTRAS } from '@/canvas/flow/nodes';
import { ReadCanvas } from '@/canvas/flow/ReadCanvas';
import { byOwner, type Issue, placeIssues } from '@/canvas/model/issues';
import { IssuesBar } from './IssuesBar';
import { drawingOf, type Workflow } from './queries';
import type { Draft } from './useDraft';

interface Props {
  workflow: Workflow;
  draft: Draft;
  /** What publishing this very draft was refused for, such as a channel that nothing delivers. */
  refused: readonly Issue[];
  readOnly: boolean;
}

/** The draft on the canvas, with what the server found in it. */
export function DrawTab({ workflow, draft, refused, readOnly }: Props) {
  const [wanted, setWanted] = useState<{ id: string; at: number } | null>(null);
  const stored = useMemo(() => drawingOf(workflow), [workflow]);
  // Paths count the blocks of the draft that was checked, which may be one save behind the drawing.
  const found = useMemo(
    () => [
      ...placeIssues(workflow.issues, stored.definition, 'error'),
      ...placeIssues(
        refused.filter((one) => !workflow.issues.some((known) => known.path === one.path)),
        stored.definition,
        'error',
      ),
      ...placeIssues(workflow.warnings, stored.definition, 'warning'),
    ],
    [workflow, stored, refused],
  );
  const issues = useMemo(() => byOwner(found), [found]);
  const extras = useMemo(() => ({ ...NO_EXTRAS, issues }), [issues]);
  if (readOnly) return <ReadCanvas drawing={stored} extras={extras} />;
  return (
    <EditorProvider editor={draft.editor}>
      <DrawCanvas issues={issues} wanted={wanted} />
      <IssuesBar
        issues={found}
        onShow={(id) => setWanted((before) => ({ id, at: (before?.at ?? 0) + 1 }))}
      />
    </EditorProvider>
  );
}
