import { Anchor, Group, Skeleton, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useTemplateWorkflows } from '../templates/queries';

/** Which workflows send the template. */
export function Uses({ template }: { template: string }) {
  const { data, isPending } = useTemplateWorkflows(template);
  if (isPending) return <Skeleton h={20} w={220} />;
  if (!data) return null;
  if (data.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No workflow sends it yet.
      </Text>
    );
  }
  return (
    <Group gap={6} component="nav" aria-label="Workflows that send this template">
      <Text size="sm" c="dimmed">
        Sent by
      </Text>
      {data.map((workflow) => (
        <Anchor
          key={workflow.key}
          component={Link}
          to={`/workflows/${encodeURIComponent(workflow.key)}`}
          size="sm"
          underline="always"
        >
          {workflow.name}
        </Anchor>
      ))}
    </Group>
  );
}
