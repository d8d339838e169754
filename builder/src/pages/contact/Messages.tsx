import { Anchor, Button, Text } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { type ContactDetails, type Message, useContactMessages } from '@/api/contacts';
import { channelLabel } from '@/pages/templates/channels';
import { CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { When } from '@/shared/When';
import { MessagePreview } from './MessagePreview';
import { MessageState } from './MessageState';

/** What was sent to a contact, and what became of it. */
export function Messages({ contact }: { contact: ContactDetails }) {
  const [shown, setShown] = useState<Message | null>(null);
  return (
    <>
      <CursorTable
        label="Messages"
        query={useContactMessages(contact.id)}
        rowKey={(message) => message.id}
        columns={[
          {
            title: 'Message',
            render: (message) => (
              <>
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  ta="left"
                  onClick={() => setShown(message)}
                >
                  {message.subject ?? message.template}
                </Anchor>
                <Text size="xs" c="dimmed">
                  {channelLabel(message.channel)} by{' '}
                  <Anchor
                    component={Link}
                    to={`/journeys/${message.journey_id}`}
                    inherit
                    underline="always"
                  >
                    {message.workflow}
                  </Anchor>
                </Text>
              </>
            ),
          },
          {
            title: 'State',
            width: 130,
            render: (message) => (
              <>
                <MessageState state={message.state} />
                {message.reason && (
                  <Text size="xs" c="dimmed" lineClamp={2} title={message.reason}>
                    {message.reason}
                  </Text>
                )}
              </>
            ),
          },
          {
            title: 'Sent',
            from: 'sm',
            width: 170,
            render: ({ sent_at, created_at }) => (
              <When at={sent_at ?? created_at} zone={contact.timezone} />
            ),
          },
          {
            title: 'Preview',
            from: 'sm',
            width: 100,
            render: (message) => (
              <Button size="compact-sm" variant="subtle" onClick={() => setShown(message)}>
                Preview
              </Button>
            ),
          },
        ]}
        empty={
          <EmptyState icon={IconMail} title="No message yet">
            Messages that workflows send to this contact show here.
          </EmptyState>
        }
      />
      {shown && <MessagePreview message={shown} contact={contact} onClose={() => setShown(null)} />}
    </>
  );
}
