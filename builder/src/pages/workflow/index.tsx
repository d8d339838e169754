import { Skeleton, Stack } from '@mantine/core';
import { useParams } from 'react-router';
import { ErrorState } from '@/shared/ErrorState';
import { useVersions, useWorkflow } from './queries';
import { WorkflowPage } from './WorkflowPage';

/** One workflow: `/workflows/:ref` and its tabs. */
export function Component() {
  const { ref = '' } = useParams();
  const workflow = useWorkflow(ref);
  const versions = useVersions(ref);
  if (workflow.isPending) return <Waiting />;
  if (!workflow.data) return <ErrorState error={workflow.error} retry={workflow.refetch} />;
  return <WorkflowPage key={workflow.data.id} workflow={workflow.data} versions={versions.data} />;
}

function Waiting() {
  return (
    <Stack gap="md" aria-busy="true" role="status" aria-label="Loading the workflow">
      <Skeleton h={36} w="40%" />
      <Skeleton h={28} w="60%" />
      <Skeleton h="calc(100dvh - 220px)" />
    </Stack>
  );
}
