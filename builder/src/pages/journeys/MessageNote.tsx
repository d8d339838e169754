import { Text } from '@mantine/core';
import { channelWords } from '@/predicates/words';
import { When } from '@/shared/When';
import classes from './Path.module.css';
import type { Message } from './queries';

/** A message of a step: what, to whom, and how far it came. */
export function MessageNote({ message, zone }: { message: Message; zone: string }) {
  const { state, channel, template, to, subject, reason } = message;
  const moments = [
    ['sent', message.sent_at],
    ['delivered', message.delivered_at],
    ['opened', message.opened_at],
    ['clicked', message.clicked_at],
    ['failed', message.failed_at],
  ] as const;
  return (
    <div className={classes.message} data-state={state}>
      <Text size="sm" fw={500}>
        {subject ?? template}
      </Text>
      <Text size="xs" c="dimmed">
        {channelWords(channel)} {template}
        {to !== null && `, to ${to}`}
      </Text>
      <Text size="xs">
        {state === 'queued' && 'being sent'}
        {state === 'skipped' && 'not sent'}
        {moments
          .filter(([, at]) => at !== null)
          .map(([name, at], index) => (
            <span key={name}>
              {index > 0 && ', '}
              {name} <When at={at} zone={zone} seconds />
            </span>
          ))}
      </Text>
      {reason !== null && <Text size="xs">{reason}</Text>}
    </div>
  );
}
