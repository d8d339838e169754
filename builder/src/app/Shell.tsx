import { ActionIcon, Anchor, AppShell, Burger, Group, Text, Tooltip } from '@mantine/core';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { Link, Outlet } from 'react-router';
import { useSession } from '@/api/session';
import { ConnectionBanner } from './shell/ConnectionBanner';
import classes from './shell/Frame.module.css';
import { GoTo } from './shell/GoTo';
import { Navigation } from './shell/Navigation';
import { UserMenu } from './shell/UserMenu';
import { SessionGuard } from './signing/SessionGuard';

/** The frame around every page: only for those who are signed in. */
export function Shell() {
  return (
    <SessionGuard>
      <Frame />
    </SessionGuard>
  );
}

function Frame() {
  const { workspace } = useSession();
  const [menu, { toggle, close }] = useDisclosure(false);
  const [narrow, setNarrow] = useLocalStorage({
    key: 'sojourn-narrow-navigation',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const Fold = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const fold = narrow ? 'Show names' : 'Show icons only';
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: narrow ? 64 : 216, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      padding={{ base: 'sm', sm: 'lg' }}
      transitionDuration={0}
    >
      <AppShell.Header>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger
              opened={menu}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={menu ? 'Close the menu' : 'Open the menu'}
            />
            <Tooltip label={fold}>
              <ActionIcon
                variant="subtle"
                color="gray"
                visibleFrom="sm"
                onClick={() => setNarrow(!narrow)}
                aria-label={fold}
              >
                <Fold size={20} />
              </ActionIcon>
            </Tooltip>
            <Anchor component={Link} to="/" c="inherit" underline="never" aria-label="Sojourn">
              <Group gap={8} wrap="nowrap">
                <img src="/icon.svg" alt="" width={24} height={24} />
                <Text fw={700} visibleFrom="xs">
                  Sojourn
                </Text>
              </Group>
            </Anchor>
            <Text c="dimmed" size="sm" truncate>
              {workspace.name}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <GoTo />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        p="xs"
        aria-label="Main navigation"
        className={classes.navbar}
        data-closed={!menu || undefined}
      >
        <Navigation narrow={narrow && !menu} onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main>
        <ConnectionBanner />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
