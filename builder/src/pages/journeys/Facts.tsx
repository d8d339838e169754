import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { When } from '@/shared/When';
import classes from './Path.module.css';
import { tookWords } from './path';
import type { Journey } from './queries';
import { endWords } from './words';

/** What is known of a journey beside its way. */
export function Facts({ journey, zone }: { journey: Journey; zone: string }) {
  const { state, reason, due_at, parked } = journey;
  return (
    <dl className={classes.facts}>
      <Fact name="Contact">
        <Anchor
          component={Link}
          to={`/contacts/${encodeURIComponent(contactRef(journey))}`}
          inherit
        >
          {journey.userId ?? 'Anonymous'}
        </Anchor>
        <Text size="xs" c="dimmed">
          Times are in {zone}
        </Text>
      </Fact>
      <Fact name="Workflow">
        <Anchor component={Link} to={`/workflows/${journey.workflow}/live`} inherit>
          {journey.workflow}
        </Anchor>
        , {journey.version === null ? 'the draft' : `version ${journey.version}`}
      </Fact>
      <Fact name="Began">
        <When at={journey.started_at} zone={zone} seconds />
      </Fact>
      {state === 'running' ? (
        <Fact name={parked ? 'Held' : 'Goes on'}>
          {parked ? (
            'until the workflow is resumed'
          ) : due_at === null ? (
            'as soon as it can'
          ) : (
            <When at={due_at} zone={zone} seconds />
          )}
        </Fact>
      ) : (
        <Fact name="Ended">
          <When at={journey.ended_at} zone={zone} seconds />
          {journey.ended_at !== null && (
            <Text size="xs" c="dimmed">
              after {tookWords(journey.started_at, journey.ended_at)}
            </Text>
          )}
        </Fact>
      )}
      {reason !== null && <Fact name="Because">{endWords(reason)}</Fact>}
    </dl>
  );
}

export const contactRef = (journey: Pick<Journey, 'userId' | 'contact_id'>): string =>
  journey.userId ?? journey.contact_id;

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
