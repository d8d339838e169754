import { Badge, Button, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/session';
import { channelWords } from '@/predicates/words';
import { confirm } from '@/shared/confirm';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { Sideways } from '@/shared/Sideways';
import { type Topic, useDeleteTopic, useTopicList } from '../queries';
import { TopicDialog } from './TopicDialog';

/** What contacts subscribe to and unsubscribe from. */
export function Topics() {
  const mayEdit = useMay('edit');
  const topics = useTopicList();
  const [open, setOpen] = useState<Topic | 'new' | null>(null);
  return (
    <Paper withBorder p="md" component="section" aria-label="Topics">
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h4">
            Topics
          </Title>
          {mayEdit && (
            <Button
              size="xs"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => setOpen('new')}
            >
              New topic
            </Button>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          What contacts may unsubscribe from, one by one. A block that sends names its topic.
        </Text>
        {topics.isPending && <LoadingRows rows={3} />}
        {topics.isError && <ErrorState error={topics.error} retry={topics.refetch} />}
        {topics.data?.length === 0 && (
          <Text size="sm">
            There is none yet: whoever unsubscribes gets nothing more that is not owed to them.
          </Text>
        )}
        {topics.data && topics.data.length > 0 && (
          <List topics={topics.data} editable={mayEdit} onOpen={setOpen} />
        )}
      </Stack>
      {open !== null && (
        <TopicDialog topic={open === 'new' ? null : open} onClose={() => setOpen(null)} />
      )}
    </Paper>
  );
}

interface ListProps {
  topics: readonly Topic[];
  editable: boolean;
  onOpen: (topic: Topic) => void;
}

function List({ topics, editable, onOpen }: ListProps) {
  return (
    <Sideways label="Topics">
      <Table aria-label="Topics">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Topic</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Who gets it</Table.Th>
            {editable && <Table.Th w={150}>Change</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {topics.map((topic) => (
            <Table.Tr key={topic.id}>
              <Table.Td>
                <Text size="sm" fw={500}>
                  {topic.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {topic.key}
                </Text>
              </Table.Td>
              <Table.Td>{topic.channels.map(channelWords).join(', ') || 'anything'}</Table.Td>
              <Table.Td>
                <Badge variant="light" color={topic.transactional ? 'blue' : 'gray'}>
                  {audience(topic)}
                </Badge>
              </Table.Td>
              {editable && (
                <Table.Td>
                  <Group gap={4} wrap="nowrap">
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={`Change ${topic.name}`}
                      onClick={() => onOpen(topic)}
                    >
                      Change
                    </Button>
                    <Delete topic={topic} />
                  </Group>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Sideways>
  );
}

function audience({ transactional, subscribed }: Topic): string {
  if (transactional) return 'all: owed';
  return subscribed ? 'all but who unsubscribed' : 'who subscribed';
}

function Delete({ topic }: { topic: Topic }) {
  const remove = useDeleteTopic();
  const ask = async (): Promise<void> => {
    const sure = await confirm({
      title: `Delete the topic “${topic.name}”?`,
      children: 'What contacts said of it is deleted, too. This cannot be undone.',
      action: 'Delete',
      danger: true,
    });
    if (sure) remove.mutate(topic.key);
  };
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      aria-label={`Delete ${topic.name}`}
      loading={remove.isPending}
      onClick={() => void ask()}
    >
      Delete
    </Button>
  );
}
