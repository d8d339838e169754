import { AppShell } from '@mantine/core';
import { Outlet } from 'react-router';

/** The frame around every page. */
export function Shell() {
  return (
    <AppShell padding="md">
      <AppShell.Main>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
