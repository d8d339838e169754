import { Anchor, Badge, Code, Drawer, Group, Stack, Text, Timeline, Title } from '@mantine/core';
import { IconShoppingCart } from '@tabler/icons-react';
import { useState } from 'react';
import { type ContactDetails, useContactOrders, useOrder } from '@/api/contacts';
import { CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { When } from '@/shared/When';
import { money, statusWords } from './orders';

/** What the contact bought, or nearly. */
export function Orders({ contact }: { contact: ContactDetails }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <>
      <CursorTable
        label="Orders"
        query={useContactOrders(contact.id)}
        rowKey={(order) => order.id}
        columns={[
          {
            title: 'Order',
            render: ({ orderId }) => (
              <Anchor component="button" type="button" size="sm" onClick={() => setOpen(orderId)}>
                {orderId}
              </Anchor>
            ),
          },
          {
            title: 'Status',
            width: 120,
            render: ({ status }) => (
              <Badge variant="light" tt="none">
                {statusWords(status)}
              </Badge>
            ),
          },
          {
            title: 'Total',
            numeric: true,
            width: 110,
            render: ({ total, currency }) => money(total, currency),
          },
          {
            title: 'When',
            from: 'sm',
            width: 170,
            render: ({ timestamp }) => <When at={timestamp} zone={contact.timezone} />,
          },
        ]}
        empty={
          <EmptyState icon={IconShoppingCart} title="No order yet">
            Orders that your server or an import sends show here.
          </EmptyState>
        }
      />
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        title={`Order ${open ?? ''}`}
      >
        {open !== null && <Details orderId={open} zone={contact.timezone} />}
      </Drawer>
    </>
  );
}

function Details({ orderId, zone }: { orderId: string; zone: string | null }) {
  const order = useOrder(orderId);
  if (order.isPending) return <LoadingRows />;
  if (order.isError) return <ErrorState error={order.error} retry={order.refetch} />;
  const { history, items, total, currency } = order.data;
  return (
    <Stack>
      <Group justify="space-between">
        <Text>Total</Text>
        <Text fw={600}>{money(total, currency)}</Text>
      </Group>
      <Title order={3} size="h5">
        What it went through
      </Title>
      <Timeline active={history.length} bulletSize={14} lineWidth={2}>
        {history.map((state) => (
          <Timeline.Item
            key={`${state.timestamp} ${state.status} ${state.received_at}`}
            title={statusWords(state.status)}
          >
            <Text size="sm" c="dimmed">
              <When at={state.timestamp} zone={zone} seconds />
              {state.total !== null && `, ${money(state.total, currency)}`}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      <Title order={3} size="h5">
        Items
      </Title>
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          None were sent.
        </Text>
      ) : (
        <Code block>{JSON.stringify(items, null, 2)}</Code>
      )}
    </Stack>
  );
}
