import { Button, Center, Group, Paper, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconInbox, IconMailOpened, IconSearch, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useMay } from '@/api/session';
import { confirm } from '@/shared/confirm';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { PageHeader } from '@/shared/PageHeader';
import { CHANNEL_NAMES, CHANNELS } from '../templates/channels';
import { CaughtList } from './CaughtList';
import classes from './Inbox.module.css';
import { Message } from './Message';
import { isOff, SHOWN, useCaught, useForget } from './queries';

const DESCRIPTION =
  'What would have gone out: on this machine every message is caught here instead of being ' +
  'delivered, whoever it is for. A production has no such page; there, messages go to people.';

/** Messages that the development inbox caught, `/messages-inbox`. */
export function Component() {
  const [query, setQuery] = useSearchParams();
  const channel = query.get('channel');
  const open = query.get('message');
  const [typed, setTyped] = useState(query.get('search') ?? '');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const caught = useCaught(channel, search);
  const mayEdit = useMay('edit');
  const forget = useForget();
  const set = (name: string, value: string | null) =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: name !== 'message' },
    );
  const clear = async () => {
    const sure = await confirm({
      title: 'Clear the inbox?',
      children: 'All caught messages are forgotten, those of other workspaces here as well.',
      action: 'Clear',
      danger: true,
    });
    if (sure) forget.mutate(null, { onSuccess: () => set('message', null) });
  };
  if (caught.isError && isOff(caught.error)) return <Off />;
  const filtered = channel !== null || search !== '';
  const rows = caught.data ?? [];
  return (
    <>
      <PageHeader
        title="Caught messages"
        description={DESCRIPTION}
        actions={
          mayEdit && (
            <Button
              variant="default"
              leftSection={<IconTrash size={16} aria-hidden />}
              disabled={rows.length === 0 && !filtered}
              loading={forget.isPending}
              onClick={() => void clear()}
            >
              Clear
            </Button>
          )
        }
      />
      <Group mb="md" gap="sm">
        <TextInput
          className={classes.search ?? ''}
          aria-label="Recipient or subject"
          placeholder="Recipient or subject"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          w={150}
          aria-label="Channel"
          placeholder="All channels"
          clearable
          value={channel}
          onChange={(value) => set('channel', value)}
          data={CHANNEL_NAMES.map((value) => ({ value, label: CHANNELS[value].label }))}
        />
        <Text size="sm" c="dimmed" role="status">
          {rows.length >= SHOWN ? `the newest ${SHOWN}` : ''}
        </Text>
      </Group>
      {caught.isError && <ErrorState error={caught.error} retry={caught.refetch} />}
      <div className={classes.columns} data-open={open !== null}>
        <Paper withBorder className={classes.list}>
          {caught.isPending ? (
            <LoadingRows height={69} />
          ) : rows.length === 0 ? (
            <EmptyState icon={IconInbox} title={filtered ? 'Nothing fits' : 'Nothing yet'}>
              {filtered
                ? 'No caught message has this channel, recipient or subject.'
                : 'Messages appear here as they are sent: publish a workflow and send it an event.'}
            </EmptyState>
          ) : (
            <CaughtList messages={rows} open={open} onOpen={(id) => set('message', id)} />
          )}
        </Paper>
        <Paper withBorder className={classes.detail}>
          {open === null ? (
            <Center h={320}>
              <EmptyState icon={IconMailOpened} title="Choose a message to read it" />
            </Center>
          ) : (
            <Message key={open} id={open} onClose={() => set('message', null)} />
          )}
        </Paper>
      </div>
    </>
  );
}

function Off() {
  return (
    <>
      <PageHeader title="Caught messages" />
      <EmptyState icon={IconInbox} title="Nothing is caught here">
        This installation delivers its messages to people. Only a development machine, run with{' '}
        <code>sojourn dev</code>, catches them to be looked at. What became of a message is told by
        its contact&rsquo;s page and its workflow&rsquo;s numbers.
      </EmptyState>
    </>
  );
}
