import { Badge, Code, Group, Stack, Text } from '@mantine/core';
import type { ContactDetails } from '@/api/contacts';
import { CopyButton } from '@/shared/CopyButton';
import { When } from '@/shared/When';
import { Card } from './Card';

/** By which ids the contact is known, on which devices, and in which groups. */
export function Ties({ contact }: { contact: ContactDetails }) {
  const { identities, devices, groups, timezone } = contact;
  return (
    <>
      <Card title="Devices">
        {devices.length === 0 && <None>No device takes push messages.</None>}
        <Stack gap="xs">
          {devices.map((device) => (
            <Group key={device.token} gap="xs" wrap="nowrap">
              <Badge variant="light" tt="none">
                {device.platform ?? 'unknown'}
              </Badge>
              <Code style={{ flex: 1, overflow: 'hidden', textOverflow: 'ellipsis' }}>
                {device.token}
              </Code>
              <Text size="sm" c="dimmed">
                <When at={device.last_seen_at} zone={timezone} ago />
              </Text>
              <CopyButton value={device.token} label="Copy the token" />
            </Group>
          ))}
        </Stack>
      </Card>
      <Card title="Known as">
        <Stack gap={4}>
          {identities.map(({ kind, value }) => (
            <Group key={`${kind} ${value}`} gap="xs" wrap="nowrap">
              <Badge variant="default" tt="none" style={{ flexShrink: 0 }}>
                {kind === 'user' ? 'user id' : 'anonymous id'}
              </Badge>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {value}
              </Text>
            </Group>
          ))}
          <Group gap="xs" wrap="nowrap">
            <Badge variant="default" tt="none" style={{ flexShrink: 0 }}>
              Sojourn's id
            </Badge>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {contact.id}
            </Text>
          </Group>
        </Stack>
      </Card>
      {groups.length > 0 && (
        <Card title="Groups">
          <Stack gap={4}>
            {groups.map(({ groupId, joined_at }) => (
              <Text key={groupId} size="sm">
                {groupId}{' '}
                <Text span c="dimmed">
                  since <When at={joined_at} zone={timezone} />
                </Text>
              </Text>
            ))}
          </Stack>
        </Card>
      )}
    </>
  );
}

function None({ children }: { children: string }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}
