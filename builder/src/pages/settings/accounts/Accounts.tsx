import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Paper,
  Stack,
  Table,
  Text,
  Title,
  Tooltip,
} from '@mantine/core';
import { IconPencil, IconPlus, IconSend, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/session';
import { channelWords } from '@/predicates/words';
import { confirm } from '@/shared/confirm';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { Sideways } from '@/shared/Sideways';
import { type Account, useAccountKinds, useAccounts, useRemoveAccount } from '../queries';
import { AccountDialog } from './AccountDialog';
import { TestDialog } from './TestDialog';
import { kindWords } from './words';

type Open = { what: 'edit'; account: Account | null } | { what: 'test'; account: Account } | null;

/** The workspace's accounts with those who deliver its messages. */
export function Accounts() {
  const mayOwn = useMay('own');
  const accounts = useAccounts();
  const kinds = useAccountKinds();
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  return (
    <Paper withBorder p="md" component="section" aria-label="Accounts">
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h4">
            Accounts
          </Title>
          {mayOwn && (
            <Button
              size="xs"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => setOpen({ what: 'edit', account: null })}
            >
              Add an account
            </Button>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          Your own accounts with providers. Their secrets are stored encrypted, and never shown.
        </Text>
        {(accounts.isPending || kinds.isPending) && <LoadingRows rows={2} />}
        {accounts.isError && <ErrorState error={accounts.error} retry={accounts.refetch} />}
        {kinds.isError && <ErrorState error={kinds.error} retry={kinds.refetch} />}
        {accounts.data?.length === 0 && (
          <Text size="sm">There is none yet: what is set where Sojourn runs delivers.</Text>
        )}
        {accounts.data && accounts.data.length > 0 && (
          <List accounts={accounts.data} editable={mayOwn} onOpen={setOpen} />
        )}
      </Stack>
      {open?.what === 'edit' && kinds.data && (
        <AccountDialog kinds={kinds.data} account={open.account} onClose={close} />
      )}
      {open?.what === 'test' && <TestDialog account={open.account} onClose={close} />}
    </Paper>
  );
}

interface ListProps {
  accounts: readonly Account[];
  editable: boolean;
  onOpen: (open: Open) => void;
}

function List({ accounts, editable, onOpen }: ListProps) {
  return (
    <Sideways label="Accounts">
      <Table aria-label="Accounts">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Provider</Table.Th>
            <Table.Th>Channel</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th w={130}>{editable ? 'Change' : ''}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map((account) => (
            <Table.Tr key={account.id}>
              <Table.Td>{kindWords(account.kind)}</Table.Td>
              <Table.Td>{channelWords(account.channel)}</Table.Td>
              <Table.Td>
                <State of={account} />
              </Table.Td>
              <Table.Td>{editable && <Tools account={account} onOpen={onOpen} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Sideways>
  );
}

function State({ of: { enabled, readable } }: { of: Account }) {
  if (!readable) {
    return (
      <Badge variant="light" color="red">
        secrets unreadable
      </Badge>
    );
  }
  return (
    <Badge variant="light" color={enabled ? 'teal' : 'gray'}>
      {enabled ? 'delivers' : 'off'}
    </Badge>
  );
}

function Tools({ account, onOpen }: { account: Account; onOpen: (open: Open) => void }) {
  const remove = useRemoveAccount();
  const name = kindWords(account.kind);
  const ask = async (): Promise<void> => {
    const sure = await confirm({
      title: `Remove the account with ${name}?`,
      children:
        'Its secrets are deleted. Messages of its channel fail from then on, unless something else delivers them.',
      action: 'Remove',
      danger: true,
    });
    if (sure) remove.mutate(account.id);
  };
  return (
    <Group gap={4} wrap="nowrap">
      <Tool label={`Send a test by ${name}`} onClick={() => onOpen({ what: 'test', account })}>
        <IconSend size={16} aria-hidden />
      </Tool>
      <Tool label={`Change ${name}`} onClick={() => onOpen({ what: 'edit', account })}>
        <IconPencil size={16} aria-hidden />
      </Tool>
      <Tool label={`Remove ${name}`} onClick={() => void ask()}>
        <IconTrash size={16} aria-hidden />
      </Tool>
    </Group>
  );
}

function Tool(props: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon variant="subtle" color="gray" aria-label={props.label} onClick={props.onClick}>
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}
