import {
  ActionIcon,
  Button,
  Group,
  Skeleton,
  Stack,
  Table,
  Tabs,
  Text,
  Title,
  Tooltip,
} from '@mantine/core';
import { IconArrowLeft, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/session';
import { ErrorState } from '@/shared/ErrorState';
import { When } from '@/shared/When';
import { channelLabel } from '../templates/channels';
import classes from './Inbox.module.css';
import { type CaughtDetail, useCaughtOne, useForget, useSource } from './queries';

interface MessageProps {
  id: string;
  onClose: () => void;
}

/** One caught message: as its reader sees it, its text, and its source. */
export function Message({ id, onClose }: MessageProps) {
  const { data: message, error, isError } = useCaughtOne(id);
  const mayEdit = useMay('edit');
  const forget = useForget();
  const back = (
    <Button
      className={classes.back ?? ''}
      variant="subtle"
      size="compact-sm"
      leftSection={<IconArrowLeft size={14} aria-hidden />}
      onClick={onClose}
    >
      All messages
    </Button>
  );
  if (isError) {
    return (
      <Stack p="md">
        {back}
        <ErrorState error={error} />
      </Stack>
    );
  }
  if (!message) return <Skeleton h={420} />;
  return (
    <Stack gap="sm" p="md">
      {back}
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={2} size="h4">
            {message.subject ?? '(no subject)'}
          </Title>
          <Text size="sm" c="dimmed">
            {channelLabel(message.channel)} to {message.to}
            {message.sender && `, from ${message.sender}`},{' '}
            <When at={message.received_at} seconds />
          </Text>
        </div>
        {mayEdit && (
          <Tooltip label="Delete this message">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Delete this message"
              loading={forget.isPending}
              onClick={() => forget.mutate(id, { onSuccess: onClose })}
            >
              <IconTrash size={18} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      <Views message={message} />
    </Stack>
  );
}

type View = 'html' | 'text' | 'headers' | 'source';

function Views({ message }: { message: CaughtDetail }) {
  const headers = Object.entries(message.headers);
  const views: { value: View; label: string; there: boolean }[] = [
    { value: 'html', label: 'As seen', there: message.has_html },
    { value: 'text', label: 'Text', there: Boolean(message.text) },
    {
      value: 'headers',
      label: message.has_source ? 'Headers' : 'Goes along',
      there: headers.length > 0,
    },
    { value: 'source', label: 'Source', there: message.has_source },
  ];
  const there = views.filter((view) => view.there);
  const [view, setView] = useState<string | null>(there[0]?.value ?? null);
  return (
    <Tabs value={view} onChange={setView} keepMounted={false}>
      <Tabs.List aria-label="Views of the message">
        {there.map(({ value, label }) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="html" pt="sm">
        <iframe
          className={classes.frame}
          title="The message as its reader sees it"
          src={`/inbox/${message.id}/html`}
          // No scripts, no forms, no origin; links open in a tab of their own.
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
        />
      </Tabs.Panel>
      <Tabs.Panel value="text" pt="sm">
        <Text component="pre" size="sm" className={classes.text}>
          {message.text}
        </Text>
      </Tabs.Panel>
      <Tabs.Panel value="headers" pt="sm">
        <Table aria-label="Headers" layout="fixed">
          <Table.Tbody>
            {headers.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th w="32%">{name}</Table.Th>
                <Table.Td>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Tabs.Panel>
      <Tabs.Panel value="source" pt="sm">
        <Source id={message.id} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Source({ id }: { id: string }) {
  const source = useSource(id);
  if (source.isError) return <ErrorState error={source.error} retry={source.refetch} />;
  if (source.isPending) return <Skeleton h={300} />;
  return (
    <Text
      component="pre"
      size="xs"
      ff="monospace"
      className={classes.text}
      // It scrolls, and so by the keyboard too.
      tabIndex={0}
    >
      {source.data}
    </Text>
  );
}
