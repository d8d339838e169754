import { Anchor, Badge, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { api, type Model, ok } from '@/api/client';
import { useSession } from '@/api/session';
import { blockById } from '@/canvas/model/graph';
import { MessageNote } from '@/pages/journeys/MessageNote';
import { PathCanvas } from '@/pages/journeys/PathCanvas';
import { type Journey, useDrawing, useJourney } from '@/pages/journeys/queries';
import { Steps } from '@/pages/journeys/Steps';
import { useZone } from '@/pages/journeys/useZone';
import { endWords, STATES } from '@/pages/journeys/words';
import { ErrorState } from '@/shared/ErrorState';
import { useTriedDrawing } from './DryRun';
import type { Version, Workflow } from './queries';
import { eventOf, NOTHING_TRIED, type Tried, TryFields } from './TryFields';
import classes from './TryTab.module.css';
import type { Draft } from './useDraft';

interface Props {
  workflow: Workflow;
  versions: readonly Version[] | undefined;
  draft: Draft;
  /** Whom to begin with. */
  contact: string | null;
  choice: ReactNode;
}

const WAITS = [
  { value: 'skip', label: 'passed over' },
  { value: 'PT5S', label: '5 seconds at most' },
  { value: 'PT30S', label: '30 seconds at most' },
  { value: 'PT2M', label: '2 minutes at most' },
  { value: 'PT10M', label: '10 minutes at most' },
];

const EVERY = 1_000;

/** A journey for real, but short, and with its messages led to one address. */
export function TestRun({ workflow, versions, draft, contact, choice }: Props) {
  const { user } = useSession();
  const [tried, setTried] = useState<Tried>({ ...NOTHING_TRIED, contact });
  const [to, setTo] = useState(user.email);
  const [waits, setWaits] = useState('PT5S');
  const drawing = useTriedDrawing(draft, versions, tried.version);
  const event = eventOf(tried.properties);
  const launch = useLaunch(workflow.key);
  const running = launch.data;
  const begin = (): void => {
    if (tried.contact === null || event === null) return;
    launch.mutate({
      userId: tried.contact,
      to: to.trim(),
      waits: waits === 'skip' ? 'skip' : { at_most: waits },
      ...(event && { event }),
      ...(tried.version !== null && { version: tried.version }),
    });
  };
  return (
    <div className={classes.try}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.panel} aria-label="Real test" tabIndex={0}>
        <form
          onSubmit={(submitted) => {
            submitted.preventDefault();
            begin();
          }}
        >
          <Stack gap="sm">
            {choice}
            <TryFields
              value={tried}
              versions={versions}
              definition={drawing.definition}
              onChange={(changes) => setTried({ ...tried, ...changes })}
            />
            <TextInput
              label="Messages go to"
              description="An email address or phone number; nothing goes to the contact."
              required
              value={to}
              onChange={(changed) => setTo(changed.currentTarget.value)}
            />
            <Select
              label="Waits are"
              data={WAITS}
              value={waits}
              allowDeselect={false}
              onChange={(value) => setWaits(value ?? 'skip')}
            />
            <Button
              type="submit"
              leftSection={<IconFlask size={16} aria-hidden />}
              loading={launch.isPending}
              disabled={tried.contact === null || event === null || !to.trim()}
            >
              Run the test
            </Button>
            {launch.isError && <ErrorState error={launch.error} />}
          </Stack>
        </form>
      </section>
      <div className={classes.shown}>
        {running ? (
          <RunningCanvas key={running.id} id={running.id} />
        ) : (
          <PathCanvas drawing={drawing} steps={NO_STEPS} state="unfinished" zone="UTC" />
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.result} aria-label="The test" tabIndex={0}>
        {running ? (
          <Running key={running.id} id={running.id} />
        ) : (
          <Text size="sm" c="dimmed">
            The contact goes through the workflow now, step by step. Blocks that change the contact,
            record an event or take a code only say so, and no number counts it.
          </Text>
        )}
      </section>
    </div>
  );
}

const NO_STEPS: Journey['steps'] = [];

function useLaunch(ref: string) {
  return useMutation({
    meta: { quiet: true },
    mutationFn: (body: Model<'TestRequest'>) =>
      ok(api.POST('/v1/workflows/{ref}/test', { params: { path: { ref } }, body })),
  });
}

function RunningCanvas({ id }: { id: string }) {
  const journey = useJourney(id, EVERY).data;
  const drawing = useDrawing(journey);
  const zone = useZone(journey?.contact_id);
  if (!journey || !drawing) return null;
  return <PathCanvas drawing={drawing} steps={journey.steps} state={journey.state} zone={zone} />;
}

/** How far the test is, step by step. */
function Running({ id }: { id: string }) {
  const query = useJourney(id, EVERY);
  const zone = useZone(query.data?.contact_id);
  const drawing = useDrawing(query.data);
  if (query.isError && !query.data) return <ErrorState error={query.error} retry={query.refetch} />;
  if (!query.data || !drawing) return null;
  const { state, steps, reason } = query.data;
  return (
    <Stack gap="sm" data-testid="test-run">
      <Group gap="xs">
        <Badge variant="light" color={STATES[state].color}>
          {STATES[state].label}
        </Badge>
        <Anchor component={Link} to={`/journeys/${id}`} size="sm">
          Its page
        </Anchor>
      </Group>
      <Steps
        steps={steps}
        blocks={blockById(drawing.definition)}
        zone={zone}
        more={(step) =>
          step.messages.map((message) => (
            <MessageNote key={message.id} message={message} zone={zone} />
          ))
        }
      />
      {reason !== null && <Text size="sm">{endWords(reason)}.</Text>}
    </Stack>
  );
}
