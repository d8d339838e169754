import { Alert, Code, Modal, Stack, Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { api, ok } from '@/api/client';
import type { ContactDetails, Message } from '@/api/contacts';
import { MailFrame } from '@/pages/template/MailFrame';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { When } from '@/shared/When';

interface MessagePreviewProps {
  message: Message;
  contact: ContactDetails;
  onClose: () => void;
}

const MOMENTS = [
  ['Made', 'created_at'],
  ['Sent', 'sent_at'],
  ['Delivered', 'delivered_at'],
  ['Opened', 'opened_at'],
  ['Clicked', 'clicked_at'],
  ['Failed', 'failed_at'],
] as const;

/** What became of a message when, and how its template looks for this contact now. */
export function MessagePreview({ message, contact, onClose }: MessagePreviewProps) {
  return (
    <Modal opened onClose={onClose} size="xl" title={message.subject ?? message.template}>
      <Stack>
        <Table withRowBorders={false} verticalSpacing={2}>
          <Table.Tbody>
            <Row name="To">{message.to ?? '–'}</Row>
            {MOMENTS.filter(([, name]) => message[name] !== null).map(([label, name]) => (
              <Row key={name} name={label}>
                <When at={message[name]} zone={contact.timezone} seconds />
              </Row>
            ))}
            {message.reason && <Row name="Reason">{message.reason}</Row>}
          </Table.Tbody>
        </Table>
        <Rendered message={message} contact={contact} />
      </Stack>
    </Modal>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={110} fw={400} c="dimmed">
        {name}
      </Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}

function Rendered({ message, contact }: Omit<MessagePreviewProps, 'onClose'>) {
  const { template } = message;
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const preview = useQuery({
    queryKey: ['templates', 'preview', template, contact.id],
    queryFn: () =>
      ok(api.POST('/v1/templates/preview', { body: { template, userId: contact.id } })),
  });
  if (preview.isPending) return <LoadingRows rows={5} />;
  if (preview.isError) return <ErrorState error={preview.error} retry={preview.refetch} />;
  const { html, text, title, body, link } = preview.data;
  return (
    <>
      <Alert color="gray" p="xs">
        This is the template as it looks for this contact now, without the event that started the
        journey. Sojourn does not keep what was sent.
      </Alert>
      {html ? (
        <MailFrame html={html} title="The message" width={narrow ? 'phone' : 'desktop'} />
      ) : (
        <Stack gap={4}>
          {title && <Text fw={600}>{title}</Text>}
          <Text style={{ whiteSpace: 'pre-line' }}>{body ?? text}</Text>
          {link && <Code>{link}</Code>}
        </Stack>
      )}
    </>
  );
}
