import { Anchor, Grid, Stack, Tabs } from '@mantine/core';
import { Link, useParams, useSearchParams } from 'react-router';
import { type ContactDetails, useContact } from '@/api/contacts';
import { useMay } from '@/api/session';
import { contactName } from '@/pages/contacts/names';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { EraseContact } from './EraseContact';
import { Fields } from './Fields';
import { Journeys } from './Journeys';
import { Messages } from './Messages';
import { Orders } from './Orders';
import { Segments } from './Segments';
import { Subscriptions } from './Subscriptions';
import { TestWorkflow } from './TestWorkflow';
import { Ties } from './Ties';
import { Timeline } from './Timeline';
import { Traits } from './Traits';

const BACK = { to: '/contacts', label: 'Contacts' };

/** One contact: who it is, and all that happened to it. */
export function Component() {
  const { ref = '' } = useParams();
  const contact = useContact(ref);
  if (contact.isPending) return <Loading />;
  if (!contact.data) {
    return (
      <>
        <PageHeader title="Contact" back={BACK} />
        <ErrorState error={contact.error} retry={contact.refetch} />
      </>
    );
  }
  // Another contact is another page: nothing half written comes along.
  return <Profile key={contact.data.id} contact={contact.data} />;
}

function Profile({ contact }: { contact: ContactDetails }) {
  const mayEdit = useMay('edit');
  const ref = contact.userId ?? contact.id;
  return (
    <>
      <PageHeader
        title={contactName(contact)}
        back={BACK}
        description={
          <>
            Known since <When at={contact.created_at} zone={contact.timezone} />, last seen{' '}
            <When at={contact.last_seen_at} zone={contact.timezone} ago />
          </>
        }
        actions={
          <>
            <Anchor
              component={Link}
              size="sm"
              to={`/explain?contact=${encodeURIComponent(ref)}`}
              mr="xs"
            >
              Why (not) a message?
            </Anchor>
            {mayEdit && <TestWorkflow contact={contact} />}
            {mayEdit && <EraseContact contact={contact} />}
          </>
        }
      />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
          <Stack>
            <Traits contact={contact} editable={mayEdit} />
            <Fields contact={contact} editable={mayEdit} />
            <Ties contact={contact} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7, lg: 8 }}>
          <History contact={contact} />
        </Grid.Col>
      </Grid>
    </>
  );
}

const TABS = [
  ['timeline', 'Timeline', Timeline],
  ['messages', 'Messages', Messages],
  ['journeys', 'Journeys', Journeys],
  ['orders', 'Orders', Orders],
  ['segments', 'Segments', Segments],
  ['subscriptions', 'Subscriptions', Subscriptions],
] as const;

function History({ contact }: { contact: ContactDetails }) {
  const [params, setParams] = useSearchParams();
  const open = TABS.find(([tab]) => tab === params.get('tab'))?.[0] ?? 'timeline';
  return (
    <Tabs
      value={open}
      onChange={(tab) => setParams(tab ? { tab } : {}, { replace: true })}
      keepMounted={false}
    >
      <Tabs.List mb="sm" aria-label="What happened to the contact">
        {TABS.map(([tab, label]) => (
          <Tabs.Tab key={tab} value={tab}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TABS.map(([tab, , Panel]) => (
        <Tabs.Panel key={tab} value={tab}>
          <Panel contact={contact} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Loading() {
  return (
    <>
      <PageHeader title="Contact" back={BACK} description="…" />
      <LoadingRows rows={8} />
    </>
  );
}
