import { Badge } from '@mantine/core';
import type { Message } from '@/api/contacts';

const COLORS: Readonly<Record<Message['state'], string>> = {
  queued: 'gray',
  sent: 'blue',
  delivered: 'blue',
  opened: 'teal',
  clicked: 'teal',
  failed: 'red',
  skipped: 'orange',
};

export function MessageState({ state }: { state: Message['state'] }) {
  return (
    <Badge variant="light" color={COLORS[state]} tt="none">
      {state}
    </Badge>
  );
}
