import { Badge, Group, Text, UnstyledButton } from '@mantine/core';
import { When } from '@/shared/When';
import { channelLabel } from '../templates/channels';
import classes from './Inbox.module.css';
import type { Caught } from './queries';

interface CaughtListProps {
  messages: readonly Caught[];
  open: string | null;
  onOpen: (id: string) => void;
}

/** The newest first, as in a mail program. */
export function CaughtList({ messages, open, onOpen }: CaughtListProps) {
  return (
    <ul className={classes.rows} aria-label="Caught messages">
      {messages.map((message) => (
        <li key={message.id}>
          <UnstyledButton
            className={classes.row}
            aria-current={message.id === open}
            onClick={() => onOpen(message.id)}
          >
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <Text size="sm" fw={600} truncate>
                {message.subject ?? message.text?.slice(0, 80) ?? '(no subject)'}
              </Text>
              <Text size="xs" c="dimmed">
                <When at={message.received_at} ago />
              </Text>
            </Group>
            <Group justify="space-between" wrap="nowrap" gap="xs" mt={2}>
              <Text size="xs" c="dimmed" truncate>
                to {message.to}
              </Text>
              <Badge size="xs" variant="default" tt="none" fw={500} style={{ flexShrink: 0 }}>
                {channelLabel(message.channel)}
              </Badge>
            </Group>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
