import { Badge, Text } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { type ContactDetails, useContactJourneys } from '@/api/contacts';
import { endWords, STATES } from '@/pages/journeys/words';
import { CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { When } from '@/shared/When';

/** The contact's runs through workflows. */
export function Journeys({ contact }: { contact: ContactDetails }) {
  return (
    <CursorTable
      label="Journeys"
      query={useContactJourneys(contact.id)}
      rowKey={(journey) => journey.id}
      to={(journey) => `/journeys/${journey.id}`}
      columns={[
        {
          title: 'Workflow',
          render: ({ workflow, test }) => (test ? `${workflow} (test)` : workflow),
        },
        {
          title: 'State',
          render: ({ state, reason, block }) => (
            <>
              <Badge variant="light" color={STATES[state].color} tt="none">
                {STATES[state].label}
              </Badge>
              <Text size="xs" c="dimmed">
                {reason ? endWords(reason) : block && `in ${block}`}
              </Text>
            </>
          ),
        },
        {
          title: 'Began',
          from: 'sm',
          width: 170,
          render: ({ started_at }) => <When at={started_at} zone={contact.timezone} />,
        },
        {
          title: 'Ended',
          from: 'lg',
          width: 170,
          render: ({ ended_at }) => <When at={ended_at} zone={contact.timezone} />,
        },
      ]}
      empty={
        <EmptyState icon={IconRoute} title="No journey yet">
          Workflows that start for this contact show here.
        </EmptyState>
      }
    />
  );
}
