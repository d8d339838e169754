import { ActionIcon, Badge, Button, Group, Paper, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconCircleMinus, IconPlus, IconSearch } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Model, ok } from '@/api/client';
import { usePages } from '@/api/queries';
import { useMay } from '@/api/session';
import { channelWords } from '@/predicates/words';
import { CursorTable } from '@/shared/CursorTable';
import { confirm } from '@/shared/confirm';
import { When } from '@/shared/When';
import { SuppressDialog } from './SuppressDialog';

type Suppression = Model<'SuppressionAnswer'>;

const REASONS: Record<Suppression['reason'], string> = {
  bounce: 'Bounced',
  complaint: 'Complained',
  manual: 'By hand',
  stop: 'Said STOP',
  unsubscribed_all: 'Had left everything',
};

/** The addresses to which nothing is sent, and why. */
export function Suppressions() {
  const mayEdit = useMay('edit');
  const [adding, { open, close }] = useDisclosure(false);
  const [written, setWritten] = useState('');
  const [address] = useDebouncedValue(written.trim(), 250);
  const query = usePages(['suppressions', address], (cursor) =>
    ok(
      api.GET('/v1/suppressions', {
        params: { query: { ...(cursor ? { cursor } : {}), ...(address ? { address } : {}) } },
      }),
    ),
  );
  return (
    <Paper withBorder p="md" component="section" aria-label="Suppressed addresses">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Suppressed addresses
        </Title>
        {mayEdit && (
          <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={open}>
            Suppress addresses
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        Nothing is sent to them, not even what is owed to the contact.
      </Text>
      <TextInput
        label="Find an address"
        description="The whole address; it finds those of erased contacts, too."
        leftSection={<IconSearch size={16} aria-hidden />}
        maxLength={320}
        value={written}
        onChange={(event) => setWritten(event.currentTarget.value)}
        mb="sm"
      />
      <CursorTable
        label="Suppressed addresses"
        query={query}
        rowKey={(one) => one.id}
        columns={[
          { title: 'Address', render: (one) => <Address of={one} /> },
          { title: 'Channel', from: 'sm', render: (one) => channelWords(one.channel) },
          { title: 'Why', render: (one) => REASONS[one.reason] },
          { title: 'Since', from: 'sm', render: (one) => <When at={one.at} /> },
          { title: 'Lift', width: 60, render: (one) => mayEdit && <Lift of={one} /> },
        ]}
        empty={
          <Text size="sm">
            {address ? 'This address is not suppressed.' : 'No address is suppressed.'}
          </Text>
        }
      />
      {adding && <SuppressDialog onClose={close} />}
    </Paper>
  );
}

function Address({ of: one }: { of: Suppression }) {
  return one.address ?? <Badge color="gray">of an erased contact</Badge>;
}

function Lift({ of: one }: { of: Suppression }) {
  const client = useQueryClient();
  const name = one.address ?? 'the address of an erased contact';
  const lift = useMutation({
    mutationFn: () => ok(api.DELETE('/v1/suppressions/{id}', { params: { path: { id: one.id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['suppressions'] }),
  });
  const ask = async (): Promise<void> => {
    const sure = await confirm({
      title: `Send to ${name} again?`,
      children: 'Messages go there again, from the next one on. Who unsubscribed stays so.',
      action: 'Send again',
      danger: true,
    });
    if (sure) lift.mutate();
  };
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      aria-label={`Send to ${name} again`}
      loading={lift.isPending}
      onClick={() => void ask()}
    >
      <IconCircleMinus size={16} />
    </ActionIcon>
  );
}
