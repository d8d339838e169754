import { Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ok } from '@/api/client';
import { asProblem } from '@/api/problem';
import { CHANNELS } from '@/pages/templates/channels';
import type { Channel } from '../model/types';

interface Props {
  channel: Channel;
  /** It exists now, with words to begin from; it is written on its own page. */
  onMade: (key: string) => void;
  onClose: () => void;
}

/** A new template without leaving the canvas: named here, chosen at once, written when there is time. */
export function NewTemplateForm({ channel, onMade, onClose }: Props) {
  const [key, setKey] = useState('');
  const client = useQueryClient();
  const create = useMutation({
    meta: { quiet: true },
    mutationFn: () =>
      ok(api.POST('/v1/templates', { body: { key, channel, ...CHANNELS[channel].start } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['templates'] });
      onMade(key);
    },
  });
  return (
    <Paper withBorder p="xs" mt={6} role="group" aria-label="New template">
      <Stack gap="xs">
        <TextInput
          size="xs"
          label="Key of the new template"
          placeholder="welcome-1"
          autoFocus
          value={key}
          error={create.isError ? asProblem(create.error).message : undefined}
          onChange={(event) =>
            setKey(event.currentTarget.value.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64))
          }
          onKeyDown={(event) => event.key === 'Enter' && key !== '' && create.mutate()}
        />
        <Text size="xs" c="dimmed">
          It begins with sample words. “Edit” leads to its page; going back leads here.
        </Text>
        <Group gap="xs">
          <Button
            size="compact-xs"
            disabled={key === ''}
            loading={create.isPending}
            onClick={() => create.mutate()}
          >
            Create and choose
          </Button>
          <Button size="compact-xs" variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
