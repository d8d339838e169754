import {
  Avatar,
  Group,
  type MantineColorScheme,
  Menu,
  SegmentedControl,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBook, IconLogout, IconUserCog } from '@tabler/icons-react';
import { showProblem } from '@/api/queries';
import { signOut, useSession } from '@/api/session';
import { AccountDialog } from './AccountDialog';

const ROLES = { owner: 'Owner', editor: 'Editor', viewer: 'Viewer' };

/** Who is signed in, the colour scheme, and the way out. */
export function UserMenu() {
  const { user } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [account, { open, close }] = useDisclosure(false);
  const name = user.name || user.email;
  return (
    <>
      <Menu width={260} position="bottom-end" shadow="md">
        <Menu.Target>
          <UnstyledButton aria-label={`Account of ${name}`}>
            <Avatar color="petrol" radius="xl" size={34} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Group px="sm" py={6} gap={0}>
            <Text size="sm" fw={600} w="100%" truncate>
              {name}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {user.email} · {ROLES[user.role]}
            </Text>
          </Group>
          <Menu.Divider />
          <SegmentedControl
            fullWidth
            size="xs"
            mx="xs"
            my={4}
            aria-label="Colour scheme"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
            data={[
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
              { value: 'auto', label: 'System' },
            ]}
          />
          <Menu.Divider />
          <Menu.Item leftSection={<IconUserCog size={16} />} onClick={open}>
            Your account
          </Menu.Item>
          <Menu.Item
            leftSection={<IconBook size={16} />}
            component="a"
            href="/docs"
            target="_blank"
            rel="noreferrer"
          >
            API reference
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLogout size={16} />}
            onClick={() => signOut().catch(showProblem)}
          >
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <AccountDialog opened={account} onClose={close} />
    </>
  );
}
