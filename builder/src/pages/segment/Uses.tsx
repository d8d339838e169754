import { Anchor, Group, Skeleton, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useSegmentUses } from '@/api/segments';

/** What names the segment. */
export function Uses({ segment }: { segment: string }) {
  const { data, isError } = useSegmentUses(segment);
  if (isError) return null;
  if (!data) return <Skeleton h={22} w={220} />;
  const uses = [
    ...data.workflows.map((key) => ({ key, kind: 'workflow', to: `/workflows/${key}` })),
    ...data.segments.map((key) => ({ key, kind: 'segment', to: `/segments/${key}` })),
  ];
  return (
    <Group gap={8} mih={22} component="section" aria-label="What names this segment">
      <Text size="sm" c="dimmed">
        {uses.length === 0 ? 'No workflow or segment names it.' : 'Used by'}
      </Text>
      {uses.map(({ key, kind, to }) => (
        <Text key={`${kind} ${key}`} size="sm">
          <Anchor component={Link} to={to} inherit underline="always">
            {key}
          </Anchor>{' '}
          <Text span size="xs" c="dimmed">
            {kind}
          </Text>
        </Text>
      ))}
    </Group>
  );
}
