import { Badge, Button, Tabs, TextInput } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { ProblemIssue } from '@/api/problem';
import { useMay } from '@/api/session';
import { setDefinition } from '@/canvas/model/edits';
import { LoadingRows } from '@/shared/LoadingRows';
import { ConflictNotice } from './ConflictNotice';
import { DrawTab } from './DrawTab';
import { PublishDialog } from './PublishDialog';
import type { Version, Workflow } from './queries';
import { SaveMark } from './SaveMark';
import { StateMenu } from './StateMenu';
import { type Draft, useDraft } from './useDraft';
import classes from './Workflow.module.css';

const LiveTab = lazy(() => import('./LiveTab').then((module) => ({ default: module.LiveTab })));
const TryTab = lazy(() => import('./TryTab').then((module) => ({ default: module.TryTab })));
const HistoryTab = lazy(() =>
  import('./HistoryTab').then((module) => ({ default: module.HistoryTab })),
);
const ResultsTab = lazy(() =>
  import('./ResultsTab').then((module) => ({ default: module.ResultsTab })),
);
const VersionsTab = lazy(() =>
  import('./VersionsTab').then((module) => ({ default: module.VersionsTab })),
);

const TABS = [
  { value: 'draw', label: 'Draw' },
  { value: 'try', label: 'Try out' },
  { value: 'live', label: 'Live' },
  { value: 'results', label: 'Results' },
  { value: 'history', label: 'History' },
  { value: 'versions', label: 'Versions' },
] as const;

const STATES = {
  draft: { color: 'gray', label: 'Draft' },
  active: { color: 'teal', label: 'Running' },
  paused: { color: 'yellow', label: 'Paused' },
  archived: { color: 'gray', label: 'Archived' },
} as const;

interface Refused {
  readonly revision: number;
  readonly issues: readonly ProblemIssue[];
}

const NONE: readonly ProblemIssue[] = [];

interface Props {
  workflow: Workflow;
  versions: readonly Version[] | undefined;
}

export function WorkflowPage({ workflow, versions }: Props) {
  const { tab = 'draw' } = useParams();
  const navigate = useNavigate();
  const mayEdit = useMay('edit');
  const draft = useDraft(workflow, versions);
  const [publishing, setPublishing] = useState(false);
  // What publishing found in the draft of one revision; the next save may have mended it.
  const [refused, setRefused] = useState<Refused>({ revision: -1, issues: [] });
  const atPublishing = refused.revision === workflow.revision ? refused.issues : NONE;
  const state = STATES[workflow.state];
  useEffect(() => {
    document.title = `${workflow.name} · Sojourn`;
  }, [workflow.name]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <Button
          component={Link}
          to="/workflows"
          variant="subtle"
          size="compact-sm"
          leftSection={<IconChevronLeft size={14} aria-hidden />}
        >
          Workflows
        </Button>
        <Name draft={draft} readOnly={!mayEdit} />
        <Badge variant="light" color={state.color}>
          {state.label}
        </Badge>
        <SaveMark state={draft.state} />
        {mayEdit && (
          <>
            <Button size="xs" onClick={() => setPublishing(true)}>
              Publish…
            </Button>
            <StateMenu workflow={workflow} />
          </>
        )}
      </header>
      <ConflictNotice draft={draft} reference={workflow.key} />
      <Tabs
        className={classes.tabs ?? ''}
        value={tab}
        onChange={(next) =>
          void navigate(`/workflows/${workflow.key}${next === 'draw' ? '' : `/${next}`}`)
        }
      >
        <Tabs.List px="md" className={classes.tabList ?? ''} aria-label="Views of the workflow">
          {TABS.map((one) => (
            <Tabs.Tab key={one.value} value={one.value}>
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <div className={classes.body}>
        <Suspense fallback={<LoadingRows />}>
          {tab === 'live' ? (
            <LiveTab workflow={workflow} versions={versions} />
          ) : tab === 'try' ? (
            <TryTab workflow={workflow} versions={versions} draft={draft} />
          ) : tab === 'results' ? (
            <ResultsTab workflow={workflow} />
          ) : tab === 'history' ? (
            <HistoryTab workflow={workflow} />
          ) : tab === 'versions' ? (
            <VersionsTab workflow={workflow} versions={versions} draft={draft} />
          ) : (
            <DrawTab workflow={workflow} draft={draft} refused={atPublishing} readOnly={!mayEdit} />
          )}
        </Suspense>
      </div>
      {publishing && (
        <PublishDialog
          workflow={workflow}
          versions={versions}
          draft={draft}
          onRefused={(issues) => setRefused({ revision: workflow.revision, issues })}
          onClose={() => setPublishing(false)}
        />
      )}
    </div>
  );
}

/** The workflow's name; a part of the draft like all else. */
function Name({ draft, readOnly }: { draft: Draft; readOnly: boolean }) {
  const { editor } = draft;
  const { drawing } = useSyncExternalStore(editor.subscribe, editor.state);
  return (
    <TextInput
      aria-label="Name of the workflow"
      className={classes.name ?? ''}
      variant="unstyled"
      readOnly={readOnly}
      value={drawing.definition.name ?? ''}
      maxLength={200}
      onChange={(event) => {
        const name = event.currentTarget.value;
        editor.edit((before) => setDefinition(before, { name }), 'name');
      }}
    />
  );
}
