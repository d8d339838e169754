import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, ok } from '@/api/client';
import { ErrorState } from '@/shared/ErrorState';
import { PageHeader } from '@/shared/PageHeader';
import { Channels } from './Channels';
import { Installation } from './Installation';
import { WorkspaceForm } from './WorkspaceForm';

/** The workspace and what this installation can do. */
export function Component() {
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: () => ok(api.GET('/v1/settings')),
  });
  return (
    <>
      <PageHeader title="Settings" />
      {settings.isPending && (
        <Stack aria-busy="true" role="status" aria-label="Loading" maw={720}>
          <Skeleton h={230} />
          <Skeleton h={330} />
        </Stack>
      )}
      {settings.isError && !settings.data && (
        <ErrorState error={settings.error} retry={settings.refetch} />
      )}
      {settings.data && (
        <Stack maw={720}>
          <WorkspaceForm settings={settings.data} />
          <Channels channels={settings.data.channels} />
          <Installation settings={settings.data} />
        </Stack>
      )}
    </>
  );
}
