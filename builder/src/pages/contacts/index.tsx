import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useSearchParams } from 'react-router';
import { type Contact, useContacts } from '@/api/contacts';
import { asProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { AddContact } from './AddContact';
import { Filters } from './Filters';
import { readLooking, writeLooking } from './looking';
import { contactName, contactPath } from './names';

const COLUMNS: readonly Column<Contact>[] = [
  { title: 'Contact', render: contactName },
  { title: 'User id', from: 'md', render: (contact) => contact.userId ?? '–' },
  { title: 'Email', from: 'sm', render: (contact) => contact.email ?? '–' },
  { title: 'Phone', from: 'lg', render: (contact) => contact.phone ?? '–' },
  {
    title: 'Last seen',
    width: 140,
    render: ({ last_seen_at, timezone }) => <When at={last_seen_at} zone={timezone} ago />,
  },
  {
    title: 'Since',
    from: 'md',
    width: 170,
    render: ({ created_at, timezone }) => <When at={created_at} zone={timezone} />,
  },
];

/** Everybody the workspace knows, searched and filtered. */
export function Component() {
  const [params, setParams] = useSearchParams();
  const [adding, { open, close }] = useDisclosure(false);
  const mayEdit = useMay('edit');
  const looking = readLooking(params);
  const query = useContacts(looking);
  const all = !looking.search && !looking.segment && !looking.where;
  // The editor of conditions says itself what is missing, and where.
  const unfinished =
    looking.where !== null &&
    query.error !== null &&
    asProblem(query.error).status === 422 &&
    !query.data;
  const add = mayEdit && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Add contact
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Contacts"
        description="Everybody your apps, servers and imports have told Sojourn about."
        actions={add}
      />
      <Filters
        value={looking}
        onChange={(next) => setParams(writeLooking(next), { replace: true })}
      />
      {unfinished ? (
        <Text c="dimmed" py="md" role="status">
          Finish the conditions to see who fits.
        </Text>
      ) : (
        <CursorTable
          label="Contacts"
          query={query}
          rowKey={(contact) => contact.id}
          to={contactPath}
          columns={COLUMNS}
          empty={
            all ? (
              <EmptyState icon={IconUsers} title="No contact yet" action={add}>
                Contacts come from your app's events, from your servers, or from a file.
              </EmptyState>
            ) : (
              <EmptyState
                icon={IconUsers}
                title="Nobody fits"
                action={
                  <Button variant="default" onClick={() => setParams({}, { replace: true })}>
                    Show everybody
                  </Button>
                }
              >
                No contact meets all that you asked for.
              </EmptyState>
            )
          }
        />
      )}
      <AddContact opened={adding} onClose={close} />
    </>
  );
}
