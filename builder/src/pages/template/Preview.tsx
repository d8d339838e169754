import { Alert, Badge, Group, Paper, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconDeviceDesktop,
  IconDeviceMobile,
  IconFileText,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { ErrorState } from '@/shared/ErrorState';
import type { Preview as Shown } from '../templates/queries';
import { MailFrame } from './MailFrame';
import classes from './Preview.module.css';
import type { TemplateEditor } from './useTemplateEditor';

type View = 'phone' | 'desktop' | 'text';

/** The message as the chosen contact would get it. */
export function Preview({ editor, title }: { editor: TemplateEditor; title: string }) {
  const { preview } = editor;
  const shown = preview.data;
  return (
    <Stack gap="sm" aria-busy={preview.isFetching}>
      {preview.isError && <ErrorState error={preview.error} retry={preview.refetch} />}
      {!shown && preview.isPending && <Skeleton h={360} radius="md" />}
      {shown && (
        <div data-old={preview.isPlaceholderData || preview.isError} className={classes.shown}>
          <Message message={shown} title={title} />
        </div>
      )}
      {shown && !preview.isError && <Missing names={shown.missing} />}
    </Stack>
  );
}

function Message({ message, title }: { message: Shown; title: string }) {
  if (message.channel === 'email') return <Mail message={message} title={title} />;
  if (message.channel === 'sms') {
    return (
      <Paper className={classes.bubble} p="sm">
        <Pre>{message.text}</Pre>
      </Paper>
    );
  }
  if (message.channel === 'webhook') {
    return (
      <Paper withBorder p="md">
        <Pre mono>{[`POST ${message.link}`, message.body].filter(Boolean).join('\n\n')}</Pre>
        <Data data={message.data} />
      </Paper>
    );
  }
  return (
    <Stack gap="sm">
      <Paper withBorder shadow="sm" p="md" radius="lg" maw={375}>
        {message.title && <Text fw={600}>{message.title}</Text>}
        <Pre>{message.body}</Pre>
      </Paper>
      {message.link && (
        <Text size="sm" c="dimmed">
          Opens {message.link}
        </Text>
      )}
      <Data data={message.data} />
    </Stack>
  );
}

function Mail({ message, title }: { message: Shown; title: string }) {
  const [view, setView] = useState<View>('phone');
  const html = message.html;
  const shown = html === null ? 'text' : view;
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" mb="sm" gap="xs" align="flex-start">
        <Text fw={600} style={{ flex: '1 1 200px' }} data-testid="subject">
          {message.subject}
        </Text>
        {html !== null && (
          <SegmentedControl
            size="xs"
            aria-label="Shown as"
            value={view}
            onChange={(value) => setView(value as View)}
            data={[
              {
                value: 'phone',
                label: <Choice icon={<IconDeviceMobile size={14} />} name="Phone" />,
              },
              {
                value: 'desktop',
                label: <Choice icon={<IconDeviceDesktop size={14} />} name="Desktop" />,
              },
              { value: 'text', label: <Choice icon={<IconFileText size={14} />} name="Text" /> },
            ]}
          />
        )}
      </Group>
      {html !== null && shown !== 'text' ? (
        <MailFrame html={html} title={`Preview of ${title}`} width={shown} />
      ) : (
        <Pre mono>{message.text}</Pre>
      )}
    </Paper>
  );
}

function Choice({ icon, name }: { icon: ReactNode; name: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      {icon}
      {name}
    </Group>
  );
}

function Data({ data }: { data: Record<string, unknown> }) {
  if (Object.keys(data).length === 0) return null;
  return <Pre mono>{JSON.stringify(data, null, 2)}</Pre>;
}

function Pre({ children, mono = false }: { children: ReactNode; mono?: boolean }) {
  return (
    <Text
      size="sm"
      component="div"
      style={{ whiteSpace: 'pre-wrap' }}
      {...(mono ? { ff: 'monospace' } : {})}
    >
      {children}
    </Text>
  );
}

/** What was printed although there is no such data: usually a wrong name, or an unlucky contact. */
function Missing({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Alert
      color="yellow"
      icon={<IconAlertTriangle aria-hidden />}
      title="Printed nothing, as there is no such data here"
    >
      <Group gap={6}>
        {names.map((name) => (
          <Badge key={name} variant="default" tt="none" fw={500}>
            {name}
          </Badge>
        ))}
      </Group>
    </Alert>
  );
}
