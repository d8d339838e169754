import { Button, Container, Stack, Text, Title } from '@mantine/core';
import { useRouteError } from 'react-router';

/** A page that broke, or whose file is gone because a newer version was installed meanwhile. */
export function RouteError() {
  const error = useRouteError();
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
