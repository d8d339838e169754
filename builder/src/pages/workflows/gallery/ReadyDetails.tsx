import { Alert, Badge, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { api, type Model, ok } from '@/api/client';
import { useMay } from '@/api/session';
import { ReadCanvas } from '@/canvas/flow/ReadCanvas';
import { drawingOf } from '@/pages/workflow/queries';
import { ErrorState } from '@/shared/ErrorState';
import classes from './Gallery.module.css';

type Ready = Model<'ReadyAnswer'>;

/** What a ready workflow does and needs, its picture, and the way to one's own. */
export function ReadyDetails({ ready }: { ready: Ready }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayEdit = useMay('edit');
  const drawing = useMemo(() => drawingOf({ definition: ready.definition }), [ready]);
  const make = useMutation({
    mutationFn: () =>
      ok(api.POST('/v1/gallery/{key}', { params: { path: { key: ready.key } }, body: null })),
    meta: { quiet: true },
    onSuccess: async (made) => {
      await Promise.all(
        ['workflows', 'templates', 'segments'].map((of) =>
          client.invalidateQueries({ queryKey: [of] }),
        ),
      );
      await navigate(`/workflows/${made.key}`);
    },
  });
  const troubles = ready.channels.flatMap((one) =>
    one.problem ? [{ channel: one.channel, problem: one.problem }] : [],
  );
  return (
    <Stack gap="sm" className={classes.details ?? ''}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={3} size="h4">
          {ready.name}
        </Title>
        {mayEdit && (
          <Button
            leftSection={<IconPlus size={16} />}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            Use it
          </Button>
        )}
      </Group>
      <Text size="sm">{ready.about}</Text>
      {make.isError && <ErrorState error={make.error} retry={() => make.mutate()} />}
      {troubles.map((one) => (
        <Alert
          key={one.channel}
          color="yellow"
          icon={<IconAlertTriangle size={18} />}
          title={`It sends by ${one.channel.replaceAll('_', ' ')}`}
        >
          {one.problem}
        </Alert>
      ))}
      <div className={classes.picture}>
        <ReadCanvas drawing={drawing} />
      </div>
      <Stack gap={6}>
        <Text size="sm" fw={600}>
          What it needs from your app
        </Text>
        {ready.events.map((one) => (
          <Need key={one.name} kind="event" {...one} />
        ))}
        {ready.fields.map((one) => (
          <Need key={one.name} kind="field" {...one} />
        ))}
      </Stack>
    </Stack>
  );
}

interface NeedProps {
  name: string;
  kind: 'event' | 'field';
  about: string;
  example: unknown;
  seen: boolean;
}

function Need({ name, kind, about, example, seen }: NeedProps) {
  const shown = typeof example === 'string' ? example : JSON.stringify(example);
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" fw={500}>
          {name}
        </Text>
        <Badge size="sm" variant="light" color={seen ? 'teal' : 'gray'}>
          {seen ? `${kind} is here` : `${kind} not seen yet`}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        {about} {shown !== '{}' && <Code>{shown}</Code>}
      </Text>
    </div>
  );
}
