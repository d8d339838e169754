import { Group, SegmentedControl, Select, Text } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { type CountName, DrillContext } from '@/canvas/flow/NumbersRow';
import { type BlockNumbers, type Extras, NO_EXTRAS } from '@/canvas/flow/nodes';
import { ReadCanvas } from '@/canvas/flow/ReadCanvas';
import { edgeId } from '@/canvas/model/graph';
import type { Definition } from '@/canvas/model/types';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { DrillDrawer } from './DrillDrawer';
import { type Stats, useStats } from './live/queries';
import { drawingOf, type Version, type Workflow } from './queries';

const NumbersView = lazy(() =>
  import('./live/NumbersView').then((module) => ({ default: module.NumbersView })),
);

const ALL = 'all';

interface Props {
  workflow: Workflow;
  versions: readonly Version[] | undefined;
}

/** The published drawing with what is going on in it, block by block. */
export function LiveTab({ workflow, versions }: Props) {
  const [choice, setChoice] = useState<string>(ALL);
  const [view, setView] = useState<'canvas' | 'charts'>('canvas');
  const number = choice === ALL ? null : Number(choice);
  const stats = useStats(workflow.key, number);
  const shown = versions?.find((one) => one.version === (number ?? workflow.version));
  const drawing = useMemo(() => shown && drawingOf(shown), [shown]);
  const [drill, setDrill] = useState<{ block: string; state: CountName } | null>(null);
  const open = useCallback((block: string, state: CountName) => setDrill({ block, state }), []);
  const extras = useExtras(stats.data, drawing?.definition);
  if (!versions) return <LoadingRows />;
  if (!drawing) {
    return (
      <EmptyState icon={IconActivity} title="Nothing is running yet">
        Publish the workflow: each block then shows how many came by, wait, and got their message.
      </EmptyState>
    );
  }
  return (
    <DrillContext value={open}>
      <Group px="md" py={8} gap="lg">
        <SegmentedControl
          aria-label="Show the numbers"
          size="xs"
          data={[
            { value: 'canvas', label: 'On the canvas' },
            { value: 'charts', label: 'Funnel and time' },
          ]}
          value={view}
          onChange={(value) => setView(value as typeof view)}
        />
        <Select
          aria-label="Version"
          size="xs"
          data={[
            { value: ALL, label: 'All versions' },
            ...versions.map((one) => ({
              value: String(one.version),
              label: `Version ${one.version}`,
            })),
          ]}
          value={choice}
          allowDeselect={false}
          onChange={(value) => setChoice(value ?? ALL)}
        />
        <Totals stats={stats.data} />
      </Group>
      {stats.isError && !stats.data && <ErrorState error={stats.error} retry={stats.refetch} />}
      {view === 'canvas' ? (
        <ReadCanvas key={shown?.version} drawing={drawing} extras={extras} />
      ) : (
        <Suspense fallback={<LoadingRows />}>
          <NumbersView workflow={workflow.key} version={number} definition={drawing.definition} />
        </Suspense>
      )}
      <DrillDrawer
        workflow={workflow.key}
        version={number}
        drill={drill}
        onClose={() => setDrill(null)}
      />
    </DrillContext>
  );
}

function Totals({ stats }: { stats: Stats | undefined }) {
  const journeys = stats?.journeys;
  return (
    <Text size="sm" data-testid="totals" style={{ fontVariantNumeric: 'tabular-nums' }}>
      <b>{journeys?.running.toLocaleString() ?? '–'}</b> running,{' '}
      <b>{journeys?.completed.toLocaleString() ?? '–'}</b> completed,{' '}
      <b>{journeys?.stopped.toLocaleString() ?? '–'}</b> stopped,{' '}
      <b>{journeys?.failed.toLocaleString() ?? '–'}</b> failed
    </Text>
  );
}

const SENDING: ReadonlySet<string> = new Set(['message', 'best_of', 'first_reachable']);

function useExtras(stats: Stats | undefined, definition: Definition | undefined): Extras {
  return useMemo(() => {
    if (!stats || !definition) return NO_EXTRAS;
    const counted = new Map(stats.blocks.map((one) => [one.block, one]));
    const numbers = new Map(
      definition.blocks.map((block): [string, BlockNumbers] => {
        const found = counted.get(block.id);
        const entered = found?.entered ?? 0;
        if (block.kind === 'exit') return [block.id, { entered }];
        const visits = { entered, waiting: found?.waiting ?? 0 };
        if (!SENDING.has(block.kind)) return [block.id, visits];
        const { sent = 0, opened = 0, clicked = 0, failed = 0, skipped = 0 } = found ?? {};
        return [
          block.id,
          { ...visits, sent, opened, clicked, failed, ...(skipped > 0 && { skipped }) },
        ];
      }),
    );
    const passed = new Map(stats.edges.map((one) => [edgeId(one.block, one.edge), one.count]));
    return { ...NO_EXTRAS, numbers, passed };
  }, [stats, definition]);
}
