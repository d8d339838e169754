import { Code, Group, Stack, Text } from '@mantine/core';
import { CopyButton } from '@/shared/CopyButton';

/** A link that works once; whoever has it comes in, so it is shown only here. */
export function OneTimeLink({ link }: { link: string }) {
  return (
    <Stack gap="xs">
      <Text size="sm">Send it to them; it works once, and it cannot be shown again.</Text>
      <Group wrap="nowrap" gap="xs">
        <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', flex: 1 }}>
          {link}
        </Code>
        <CopyButton value={link} label="Copy the link" />
      </Group>
    </Stack>
  );
}
