import {
  Button,
  Group,
  Modal,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { ErrorState } from '@/shared/ErrorState';
import { CHANNEL_NAMES, CHANNELS, type Channel } from './channels';
import classes from './NewTemplate.module.css';
import { useCreateTemplate } from './queries';

interface NewTemplateProps {
  channel: Channel | null;
  onClose: () => void;
}

/** A new template: its key, which never changes, and its channel. */
export function NewTemplate({ channel: first, onClose }: NewTemplateProps) {
  const [key, setKey] = useState('');
  const [channel, setChannel] = useState<Channel>(first ?? 'email');
  const create = useCreateTemplate();
  const navigate = useNavigate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { key, channel, ...CHANNELS[channel].start },
      { onSuccess: (made) => void navigate(`/templates/${encodeURIComponent(made.key)}`) },
    );
  };
  return (
    <Modal opened onClose={onClose} title="New template" size="lg">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Key"
            description="How workflows name it; it cannot be changed later."
            placeholder="welcome-1"
            required
            data-autofocus
            value={key}
            onChange={(event) => setKey(keyOf(event.currentTarget.value))}
          />
          <div>
            <Text size="sm" fw={500} mb={4} id="new-template-channel">
              Channel
            </Text>
            <SimpleGrid
              cols={{ base: 2, xs: 3, sm: 4 }}
              spacing="xs"
              role="radiogroup"
              aria-labelledby="new-template-channel"
            >
              {CHANNEL_NAMES.map((name) => {
                const { icon: Picture, label } = CHANNELS[name];
                return (
                  <UnstyledButton
                    key={name}
                    role="radio"
                    aria-checked={name === channel}
                    className={classes.channel}
                    onClick={() => setChannel(name)}
                  >
                    <Picture size={20} aria-hidden />
                    <Text size="sm">{label}</Text>
                  </UnstyledButton>
                );
              })}
            </SimpleGrid>
          </div>
          {create.isError && <ErrorState error={create.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={key === ''}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What was typed, as far as it can be a key. */
function keyOf(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/\s+/g, '-')
    .replace(/[^a-z0-9_-]/g, '')
    .slice(0, 60);
}
