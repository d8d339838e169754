import { Badge, Paper, Stack, Table, Text, Title } from '@mantine/core';
import type { Model } from '@/api/client';
import { kindWords } from './accounts/words';

type Channel = Model<'ChannelAnswer'>;

const NAMES: Record<string, string> = {
  email: 'E-mail',
  push: 'Push',
  in_app: 'In-app',
  inbox: 'Message feed',
  sms: 'SMS',
  web_push: 'Web push',
  webhook: 'Webhook',
};

const DELIVERY: Record<Channel['delivery'], { label: string; color: string; words: string }> = {
  provider: { label: 'delivers', color: 'teal', words: 'Messages go out.' },
  inbox: {
    label: 'caught',
    color: 'yellow',
    words: 'Messages go to “Caught messages”, to nobody else.',
  },
  none: { label: 'off', color: 'gray', words: 'Nothing delivers it.' },
};

/** What becomes of the messages of each channel. */
export function Channels({ channels }: { channels: readonly Channel[] }) {
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          Channels
        </Title>
        <Text size="sm" c="dimmed">
          What really becomes of the messages of each channel. An account below delivers; without
          one, what is set where Sojourn runs does.
        </Text>
        <Table aria-label="Channels">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Channel</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>What it means</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {channels.map((channel) => {
              const { label, color, words } = DELIVERY[channel.delivery];
              return (
                <Table.Tr key={channel.channel}>
                  <Table.Td>{NAMES[channel.channel] ?? channel.channel}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={color}>
                      {label}
                    </Badge>
                  </Table.Td>
                  <Table.Td>
                    {channel.note ?? words}
                    {channel.provider &&
                      ` By ${channel.provider.split(', ').map(kindWords).join(' and ')}.`}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Stack>
    </Paper>
  );
}
