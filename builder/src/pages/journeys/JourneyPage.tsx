import { Badge, Button, Group, Skeleton, Text } from '@mantine/core';
import { IconExternalLink, IconHandStop } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useParams } from 'react-router';
import { useMay } from '@/api/session';
import { blockById } from '@/canvas/model/graph';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { PageHeader } from '@/shared/PageHeader';
import { Facts } from './Facts';
import { MessageNote } from './MessageNote';
import classes from './Path.module.css';
import { PathCanvas } from './PathCanvas';
import { type Journey, useDrawing, useJourney, useSettings } from './queries';
import { Steps } from './Steps';
import { StopDialog } from './StopDialog';
import { useZone } from './useZone';
import { STATES } from './words';

const BACK = { to: '/journeys', label: 'Journeys' };

/** One contact's way through one version: `/journeys/:id`. */
export function JourneyPage() {
  const { id = '' } = useParams();
  const query = useJourney(id);
  if (query.isPending) {
    return (
      <div className={classes.page} aria-busy="true">
        <PageHeader title="Journey" back={BACK} />
        <Skeleton h={42} mb="md" />
        <Skeleton h={480} />
      </div>
    );
  }
  if (!query.data) {
    return (
      <>
        <PageHeader title="Journey" back={BACK} />
        <ErrorState error={query.error} retry={query.refetch} />
      </>
    );
  }
  return <Shown journey={query.data} />;
}

function Shown({ journey }: { journey: Journey }) {
  const zone = useZone(journey.contact_id);
  const state = STATES[journey.state];
  return (
    <div className={classes.page}>
      <PageHeader
        title={`Journey of ${journey.userId ?? 'an anonymous contact'}`}
        back={BACK}
        badge={
          <Group gap={6}>
            <Badge variant="light" color={state.color}>
              {state.label}
            </Badge>
            {journey.test && (
              <Badge variant="outline" color="gray">
                Test
              </Badge>
            )}
          </Group>
        }
        actions={<Actions journey={journey} />}
      />
      <Facts journey={journey} zone={zone} />
      <Way journey={journey} zone={zone} />
      {journey.state !== 'running' && (
        <Text size="xs" c="dimmed" mt="xs">
          A journey that has ended is not taken up again. The contact may enter anew when the
          workflow’s re-entry rule lets it.
        </Text>
      )}
    </div>
  );
}

/** The way over the canvas, and beside it step by step. */
export function Way({ journey, zone }: { journey: Journey; zone: string }) {
  const drawing = useDrawing(journey);
  const blocks = useMemo(() => (drawing ? blockById(drawing.definition) : new Map()), [drawing]);
  return (
    <div className={classes.both}>
      <div className={classes.canvas}>
        {drawing && (
          <PathCanvas drawing={drawing} steps={journey.steps} state={journey.state} zone={zone} />
        )}
      </div>
      <section className={classes.side} aria-label="Step by step">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <div className={classes.scroll} tabIndex={0}>
          {!drawing ? (
            <LoadingRows />
          ) : journey.steps.length === 0 ? (
            <Text size="sm" c="dimmed">
              It is about to enter its first block.
            </Text>
          ) : (
            <Steps
              steps={journey.steps}
              blocks={blocks}
              zone={zone}
              more={(step) =>
                step.messages.map((message) => (
                  <MessageNote key={message.id} message={message} zone={zone} />
                ))
              }
            />
          )}
        </div>
      </section>
    </div>
  );
}

function Actions({ journey }: { journey: Journey }) {
  const mayEdit = useMay('edit');
  const [stopping, setStopping] = useState(false);
  return (
    <>
      <TemporalLink journey={journey} />
      {mayEdit && journey.state === 'running' && (
        <Button
          color="red"
          variant="light"
          leftSection={<IconHandStop size={16} aria-hidden />}
          onClick={() => setStopping(true)}
        >
          Stop…
        </Button>
      )}
      <StopDialog id={journey.id} opened={stopping} onClose={() => setStopping(false)} />
    </>
  );
}

/** The same execution as Temporal shows it, where the installation says where that is. */
function TemporalLink({ journey: { temporal } }: { journey: Journey }) {
  const settings = useSettings().data;
  if (!settings?.temporal_ui) return null;
  const namespace = encodeURIComponent(settings.temporal_namespace);
  const base = settings.temporal_ui.replace(/\/$/, '');
  const run = temporal.run_id === null ? '' : `/${encodeURIComponent(temporal.run_id)}/history`;
  return (
    <Button
      component="a"
      href={`${base}/namespaces/${namespace}/workflows/${encodeURIComponent(temporal.workflow_id)}${run}`}
      target="_blank"
      rel="noreferrer"
      variant="default"
      rightSection={<IconExternalLink size={16} aria-hidden />}
    >
      Open in Temporal
    </Button>
  );
}
