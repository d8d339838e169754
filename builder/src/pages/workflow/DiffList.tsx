import { Badge, Group, Stack, Text } from '@mantine/core';
import type { Change } from '@/canvas/model/diff';

const LOOKS = {
  added: { color: 'teal', label: 'new' },
  removed: { color: 'red', label: 'gone' },
  changed: { color: 'blue', label: 'changed' },
} as const;

/** Changes in words: what was and what will be. */
export function DiffList({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) {
    return <Text size="sm">Nothing changed for contacts.</Text>;
  }
  return (
    <Stack gap="sm">
      {changes.map((change) => (
        <div key={`${change.kind} ${change.what}`}>
          <Group gap="xs">
            <Badge size="sm" variant="light" color={LOOKS[change.kind].color}>
              {LOOKS[change.kind].label}
            </Badge>
            <Text size="sm" fw={600}>
              {change.what}
            </Text>
          </Group>
          {change.lines.map((one) => (
            <Text key={`${one.label} ${one.before} ${one.after}`} size="sm" pl="xs" mt={2}>
              {one.label}:{' '}
              {one.before !== null && (
                <Text component="del" inherit c="dimmed">
                  {one.before}
                </Text>
              )}
              {one.before !== null && one.after !== null && ' → '}
              {one.after !== null && (
                <Text component="ins" inherit td="none">
                  {one.after}
                </Text>
              )}
            </Text>
          ))}
        </div>
      ))}
    </Stack>
  );
}
