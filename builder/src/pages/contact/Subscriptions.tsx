import { Alert, Group, Paper, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api, type Model, ok } from '@/api/client';
import type { ContactDetails } from '@/api/contacts';
import { useMay } from '@/api/session';
import { channelWords } from '@/predicates/words';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { When } from '@/shared/When';
import { changeOf, sourceWords, suppressedWords } from './subscribing';

type Subscriptions = Model<'SubscriptionsAnswer'>;
type Change = Partial<Model<'SubscriptionsChange'>>;

/** What a contact gets: everything or nothing, whole channels, and topic by topic. */
export function Subscriptions({ contact }: { contact: ContactDetails }) {
  const params = { path: { ref: contact.id } };
  const queryKey = ['contacts', 'subscriptions', contact.id];
  const client = useQueryClient();
  const found = useQuery({
    queryKey,
    queryFn: () => ok(api.GET('/v1/contacts/{ref}/subscriptions', { params })),
  });
  const save = useMutation({
    mutationFn: (change: Change) =>
      ok(
        api.PATCH('/v1/contacts/{ref}/subscriptions', {
          params,
          body: { channels: {}, topics: {}, ...change },
        }),
      ),
    onSuccess: (saved) => client.setQueryData(queryKey, saved),
  });
  if (found.isPending) return <LoadingRows />;
  if (!found.data) return <ErrorState error={found.error} retry={found.refetch} />;
  return (
    <Shown
      found={found.data}
      zone={contact.timezone}
      busy={save.isPending}
      onChange={(change) => save.mutate(change)}
    />
  );
}

interface ShownProps {
  found: Subscriptions;
  zone: string | null;
  busy: boolean;
  onChange: (change: Change) => void;
}

function Shown({ found, zone, busy, onChange }: ShownProps) {
  const locked = !useMay('edit') || busy;
  const channels = [...new Set(found.topics.flatMap((topic) => Object.keys(topic.channels)))];
  return (
    <Stack aria-busy={busy}>
      {Object.entries(found.suppressed).map(([channel, reason]) => (
        <Alert key={channel} color="orange" p="xs">
          {suppressedWords(channel, reason)}
        </Alert>
      ))}
      <Switch
        label="Gets messages"
        description="Off: unsubscribed from everything that is not owed to the contact."
        checked={!found.unsubscribed}
        disabled={locked}
        onChange={(event) => onChange({ unsubscribed: !event.currentTarget.checked })}
      />
      {channels.length > 0 && (
        <Paper withBorder p="sm" component="section" aria-label="Whole channels">
          <Text size="sm" fw={600} mb="xs">
            Whole channels
          </Text>
          <Group gap="lg">
            {channels.map((channel) => (
              <Switch
                key={channel}
                size="xs"
                label={channelWords(channel)}
                checked={found.channels[channel] !== false}
                disabled={locked || found.unsubscribed}
                onChange={(event) =>
                  onChange({ channels: { [channel]: event.currentTarget.checked } })
                }
              />
            ))}
          </Group>
        </Paper>
      )}
      {found.topics.length === 0 && (
        <Text size="sm">
          There are no topics. Make them in the <Link to="/settings/topics">settings</Link>, and
          contacts can choose what they get.
        </Text>
      )}
      {found.topics.map((topic) => (
        <Paper key={topic.topic} withBorder p="sm" component="section" aria-label={topic.name}>
          <Group justify="space-between" mb="xs" gap="xs">
            <Text size="sm" fw={600}>
              {topic.name}
            </Text>
            <Text size="xs" c="dimmed">
              {topic.said_at ? (
                <>
                  {sourceWords(topic.source)} <When at={topic.said_at} zone={zone} />
                </>
              ) : (
                'Nothing was said of it'
              )}
            </Text>
          </Group>
          {topic.transactional ? (
            <Text size="sm" c="dimmed">
              Owed to the contact: nobody unsubscribes from it.
            </Text>
          ) : (
            <Group gap="lg">
              {Object.entries(topic.channels).map(([channel, subscribed]) => (
                <Switch
                  key={channel}
                  size="xs"
                  label={channelWords(channel)}
                  checked={subscribed}
                  disabled={locked}
                  onChange={(event) =>
                    onChange(changeOf(topic.topic, channel, event.currentTarget.checked))
                  }
                />
              ))}
            </Group>
          )}
        </Paper>
      ))}
    </Stack>
  );
}
