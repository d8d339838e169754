import { Button, Container, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useRouteError } from 'react-router';
import { reloadsOnce } from './stale';
import { Waiting } from './Waiting';

/** A page that broke, or whose file is gone because a newer version was installed meanwhile. */
export function RouteError() {
  const error = useRouteError();
  const [reloading] = useState(() => reloadsOnce(error, navigator.onLine, sessionStorage));
  useEffect(() => {
    if (reloading) window.location.reload();
  }, [reloading]);
  if (reloading) return <Waiting />;
  return (
    <Container size="sm" py="xl">
      <Stack align="flex-start">
        <Title order={1} size="h2">
          This page could not be shown
        </Title>
        <Text>
          Reload it first: a newer version of Sojourn may have been installed. If it comes back,
          tell whoever runs Sojourn what is written below.
        </Text>
        <Text c="dimmed" size="sm">
          {error instanceof Error ? error.message : String(error)}
        </Text>
        <Button onClick={() => window.location.reload()}>Reload</Button>
      </Stack>
    </Container>
  );
}
