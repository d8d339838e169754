import { Anchor, Code, Text, ThemeIcon } from '@mantine/core';
import {
  type Icon,
  IconActivity,
  IconBan,
  IconMail,
  IconRoute,
  IconShoppingCart,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { ContactDetails, TimelineEntry, TimelineKind } from '@/api/contacts';
import { endWords, refusalWords } from '@/pages/journeys/words';
import { channelLabel } from '@/pages/templates/channels';
import { When } from '@/shared/When';
import { MessageState } from './MessageState';
import { money, statusWords } from './orders';
import classes from './Timeline.module.css';

const ICONS: Readonly<Record<TimelineKind, Icon>> = {
  event: IconActivity,
  message: IconMail,
  journey: IconRoute,
  refusal: IconBan,
  order: IconShoppingCart,
  segment: IconUsersGroup,
};

/** One thing that happened. */
export function TimelineRow({ entry, contact }: { entry: TimelineEntry; contact: ContactDetails }) {
  const Picture = ICONS[entry.kind];
  return (
    <li className={classes.row} data-kind={entry.kind}>
      <ThemeIcon variant="light" color={entry.kind === 'refusal' ? 'gray' : undefined} radius="xl">
        <Picture size={16} aria-hidden />
      </ThemeIcon>
      <div className={classes.what}>
        <Text size="sm" component="div">
          {said(entry)}
        </Text>
        <More entry={entry} />
      </div>
      <Text size="xs" c="dimmed">
        <When at={entry.at} zone={contact.timezone} />
      </Text>
    </li>
  );
}

function said(entry: TimelineEntry): ReactNode {
  switch (entry.kind) {
    case 'event':
      return (
        <b>{entry.event_kind === 'track' ? entry.name : `${entry.event_kind}: ${entry.name}`}</b>
      );
    case 'message':
      return (
        <>
          {channelLabel(entry.channel)} <b>{entry.subject ?? entry.template}</b>{' '}
          <MessageState state={entry.state} />
        </>
      );
    case 'journey':
      return (
        <>
          Began <To path={`/journeys/${entry.id}`}>{entry.workflow}</To>
        </>
      );
    case 'refusal':
      return (
        <>
          Was not let into <To path={`/workflows/${entry.workflow}/history`}>{entry.workflow}</To>
        </>
      );
    case 'order':
      return (
        <>
          Order <b>{entry.orderId}</b>: {statusWords(entry.status)}
        </>
      );
    case 'segment':
      return (
        <>
          {entry.move === 'entered' ? 'Came into' : 'Left'}{' '}
          <To path={`/segments/${entry.segment}`}>{entry.name}</To>
        </>
      );
  }
}

function More({ entry }: { entry: TimelineEntry }) {
  switch (entry.kind) {
    case 'event':
      return <Properties of={entry.properties} />;
    case 'message':
      return (
        <Dim>
          {entry.reason ? `${entry.reason} · ` : ''}by{' '}
          <To path={`/journeys/${entry.journey_id}`}>{entry.workflow}</To>, block {entry.block}
        </Dim>
      );
    case 'journey':
      if (entry.reason_kind === null)
        return <Dim>under way{entry.block && `, in ${entry.block}`}</Dim>;
      return <Dim>{endWords({ kind: entry.reason_kind, detail: entry.reason_detail })}</Dim>;
    case 'refusal':
      return <Dim>{refusalWords({ kind: entry.outcome, detail: entry.detail })}</Dim>;
    case 'order':
      return <Dim>{money(entry.total, entry.currency)}</Dim>;
    case 'segment':
      return null;
  }
}

function Properties({ of: properties }: { of: Record<string, unknown> }) {
  const names = Object.keys(properties);
  if (names.length === 0) return null;
  return (
    <details>
      <Text component="summary" size="xs" c="dimmed" style={{ cursor: 'pointer' }}>
        {names.slice(0, 4).join(', ')}
        {names.length > 4 && ` and ${names.length - 4} more`}
      </Text>
      <Code block className={classes.properties}>
        {JSON.stringify(properties, null, 2)}
      </Code>
    </details>
  );
}

function To({ path, children }: { path: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={path} inherit underline="always">
      {children}
    </Anchor>
  );
}

function Dim({ children }: { children: ReactNode }) {
  return (
    <Text size="xs" c="dimmed" component="div">
      {children}
    </Text>
  );
}
