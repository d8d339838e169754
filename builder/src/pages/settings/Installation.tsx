import { Anchor, Paper, Stack, Text, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { Model } from '@/api/client';

/** What runs this workspace. */
export function Installation({ settings }: { settings: Model<'SettingsAnswer'> }) {
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          Installation
        </Title>
        <Text size="sm">Sojourn {settings.version}</Text>
        <Text size="sm">
          Temporal namespace <b>{settings.temporal_namespace}</b>
          {settings.temporal_ui && (
            <>
              {' · '}
              <Anchor
                inherit
                underline="always"
                href={settings.temporal_ui}
                target="_blank"
                rel="noreferrer"
              >
                open its web UI <IconExternalLink size={14} aria-hidden />
              </Anchor>
            </>
          )}
        </Text>
      </Stack>
    </Paper>
  );
}
