import { Alert, Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState, useSyncExternalStore } from 'react';
import { api, type Model, ok } from '@/api/client';
import type { Drawing } from '@/canvas/model/types';
import { PathCanvas } from '@/pages/journeys/PathCanvas';
import type { JourneyState } from '@/pages/journeys/words';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { DryRunResult } from './DryRunResult';
import { drawingOf, type Version, type Workflow } from './queries';
import { eventOf, NOTHING_TRIED, type Tried, TryFields } from './TryFields';
import classes from './TryTab.module.css';
import type { Draft } from './useDraft';

export type Simulation = Model<'SimulationAnswer'>;
type Request = Model<'SimulateRequest'>;

interface Props {
  workflow: Workflow;
  versions: readonly Version[] | undefined;
  draft: Draft;
  /** Whom to begin with. */
  contact: string | null;
  choice: ReactNode;
}

const PAUSE = 400;

/** What would happen to one contact: nothing is written, and nothing sent. */
export function DryRun({ workflow, versions, draft, contact, choice }: Props) {
  const [tried, setTried] = useState<Tried>({ ...NOTHING_TRIED, contact });
  const [start, setStart] = useState('');
  const [anyway, setAnyway] = useState(false);
  const [assume, setAssume] = useState<Readonly<Record<string, string>>>({});
  const drawing = useTriedDrawing(draft, versions, tried.version);
  const event = eventOf(tried.properties);
  const known = new Set(drawing.definition.blocks.map((block) => block.id));
  const request: Request | null =
    tried.contact === null || event === null
      ? null
      : {
          userId: tried.contact,
          definition: { ...drawing.definition },
          even_if_refused: anyway,
          // A block that was deleted meanwhile is left by no way.
          assume: Object.fromEntries(Object.entries(assume).filter(([id]) => known.has(id))),
          ...(event && { event }),
          ...(start && { start_at: new Date(start).toISOString() }),
        };
  const found = useSimulation(workflow.key, request);
  const { data } = found;
  return (
    <div className={classes.try}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.panel} aria-label="Dry run" tabIndex={0}>
        <Stack gap="sm">
          {choice}
          <TryFields
            value={tried}
            versions={versions}
            definition={drawing.definition}
            onChange={(changes) => setTried({ ...tried, ...changes })}
          />
          <TextInput
            type="datetime-local"
            label="Begins"
            description="By your own clock; left empty, now."
            value={start}
            onChange={(changed) => setStart(changed.currentTarget.value)}
          />
          <Checkbox
            label="Go on even if the contact would not be let in"
            checked={anyway}
            onChange={(changed) => setAnyway(changed.currentTarget.checked)}
          />
        </Stack>
      </section>
      <div className={classes.shown}>
        <Shown drawing={drawing} found={request === null || found.isError ? undefined : data} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.result} aria-label="What would happen" tabIndex={0}>
        {request === null ? (
          <Text size="sm" c="dimmed">
            Choose a contact to see its way through the workflow, with the date of each message.
            Nothing is written, and nothing sent.
          </Text>
        ) : found.isError ? (
          <ErrorState error={found.error} retry={found.refetch} />
        ) : data ? (
          <DryRunResult
            found={data}
            definition={drawing.definition}
            assume={assume}
            onAssume={setAssume}
            onAnyway={() => setAnyway(true)}
          />
        ) : (
          <LoadingRows />
        )}
      </section>
    </div>
  );
}

function Shown({ drawing, found }: { drawing: Drawing; found: Simulation | undefined }) {
  if (drawing.definition.blocks.length === 0) {
    return (
      <Alert m="md" title="There is nothing to run yet">
        Draw at least one block.
      </Alert>
    );
  }
  return (
    <PathCanvas
      drawing={drawing}
      steps={found?.steps ?? NO_STEPS}
      state={(found?.end?.state ?? 'unfinished') as JourneyState | 'unfinished'}
      zone={found?.timezone ?? 'UTC'}
    />
  );
}

const NO_STEPS: Simulation['steps'] = [];

/** The draft as it is on the screen, or a version as it was published. */
export function useTriedDrawing(
  { editor }: Draft,
  versions: readonly Version[] | undefined,
  number: number | null,
): Drawing {
  const { drawing } = useSyncExternalStore(editor.subscribe, editor.state);
  const version = versions?.find((one) => one.version === number);
  return useMemo(() => (version ? drawingOf(version) : drawing), [version, drawing]);
}

function useSimulation(ref: string, request: Request | null) {
  const [asked] = useDebouncedValue(JSON.stringify(request), PAUSE);
  return useQuery({
    queryKey: ['workflows', 'simulate', ref, asked],
    enabled: asked !== 'null',
    staleTime: 0,
    placeholderData: keepPreviousData,
    queryFn: () =>
      ok(
        api.POST('/v1/workflows/{ref}/simulate', {
          params: { path: { ref } },
          body: JSON.parse(asked) as Request,
        }),
      ),
  });
}
