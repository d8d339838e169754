import { Alert, Progress as Bar, Group, Stack, Text } from '@mantine/core';
import { type Import, isUnderWay } from '@/api/imports';
import { When } from '@/shared/When';
import { bytes, count } from './words';

/** How far an import is. */
export function Progress({ of: one }: { of: Import }) {
  const { read, accepted, rejected } = one.rows;
  return (
    <Stack gap={6}>
      <Bar
        value={one.progress * 100}
        animated={isUnderWay(one)}
        color={one.state === 'failed' ? 'red' : undefined}
        aria-label="Progress of the import"
      />
      <Group justify="space-between" gap="xs">
        <Text size="sm" aria-live="polite">
          {count(read)} rows read, {count(accepted)} {one.dry_run ? 'in order' : 'stored'},{' '}
          {count(rejected)} refused
        </Text>
        <Text size="sm" c="dimmed">
          {bytes(one.size)}, {one.encoding}
        </Text>
      </Group>
      {one.ended_at && (
        <Text size="xs" c="dimmed">
          Ended <When at={one.ended_at} seconds />
        </Text>
      )}
      {one.reason && (
        <Alert color="red" title="Why it failed">
          {one.reason}
        </Alert>
      )}
    </Stack>
  );
}
