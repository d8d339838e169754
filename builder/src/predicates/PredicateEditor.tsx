import { Group, SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ProblemIssue } from '@/api/problem';
import type { Predicate } from '@/canvas/model/types';
import { EditingProvider, IssuesProvider, type PredicateContext } from './context';
import { JsonView } from './JsonView';
import { MatchCount } from './MatchCount';
import { hasGaps, ofJourney, paramsIn, placeIssues } from './model/places';
import { countRows, readTree, type Tree } from './model/tree';
import classes from './Predicates.module.css';
import { GroupRow } from './rows/GroupRow';
import { usePreview } from './usePreview';
import { useTree } from './useTree';
import { predicateWords } from './words';

export type { PredicateContext } from './context';

export interface PredicateEditorProps {
  readonly value: Predicate;
  readonly onChange: (value: Predicate) => void;
  /** Where it stands in a workflow; without it, it speaks of contacts alone. */
  readonly context?: PredicateContext;
  readonly error?: string | undefined;
  /** What the server said about it, with paths below `$.where`. */
  readonly issues?: readonly ProblemIssue[];
  readonly readOnly?: boolean;
}

const NONE: readonly ProblemIssue[] = [];
const MANY_ROWS = 150;

/** Conditions as nested rows or as JSON, with the number of contacts that fit. */
export function PredicateEditor(props: PredicateEditorProps) {
  const { value, onChange, context, error, issues = NONE, readOnly = false } = props;
  const { tree, apply } = useTree(value, onChange);
  const [view, setView] = useState('rows');
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [folded] = useState(() => countRows(tree.root) > MANY_ROWS);
  const editing = useMemo(
    () => ({ apply, readOnly, journey: context ?? null, folded }),
    [apply, readOnly, context, folded],
  );
  const reason = noCount(tree, context !== undefined);
  const preview = usePreview(JSON.stringify(value), values, reason === null);
  const found = preview.problem?.issues ?? NONE;
  const placed = useMemo(() => placeIssues(tree, [...issues, ...found]), [tree, issues, found]);
  const params = useMemo(() => (context ? [] : paramsIn(tree.root)), [tree, context]);
  return (
    <div className={classes.editor} data-testid="predicate-editor">
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Text size="xs" c="dimmed" className={classes.words} aria-label="In words">
          {sentence(value)}
        </Text>
        <SegmentedControl
          size="xs"
          value={view}
          onChange={setView}
          data={[
            { value: 'rows', label: 'Rows' },
            { value: 'json', label: 'JSON' },
          ]}
          aria-label="How the conditions are shown"
          style={{ flex: 'none' }}
        />
      </Group>
      {view === 'rows' ? (
        <EditingProvider value={editing}>
          <IssuesProvider value={placed}>
            <GroupRow row={tree.root} depth={0} />
          </IssuesProvider>
        </EditingProvider>
      ) : (
        <JsonView
          value={value}
          readOnly={readOnly}
          onChange={(json) => apply(() => readTree(json))}
        />
      )}
      {error && (
        <Text size="xs" className={classes.wrong} role="alert">
          {error}
        </Text>
      )}
      <MatchCount
        preview={preview}
        reason={reason}
        params={params}
        values={values}
        onValues={setValues}
      />
    </div>
  );
}

function noCount(tree: Tree, journey: boolean): string | null {
  if (hasGaps(tree.root)) return 'Fill in what is marked red to count who fits.';
  if (journey && ofJourney(tree.root)) return 'Depends on the journey, so nobody is counted here.';
  return null;
}

/** What it says; JSON that somebody is in the middle of may be of any shape. */
function sentence(value: Predicate): string {
  try {
    const words = predicateWords(value);
    return words === 'everybody' ? 'Everybody' : words.charAt(0).toUpperCase() + words.slice(1);
  } catch {
    return 'A part of this is not known to this page';
  }
}
