import { Group, Skeleton, Stack } from '@mantine/core';
import { useParams } from 'react-router';
import { ErrorState } from '@/shared/ErrorState';
import { PageHeader } from '@/shared/PageHeader';
import { useTemplate } from '../templates/queries';
import { TemplatePage } from './TemplatePage';

/** One template, `/templates/:ref`. */
export function Component() {
  const { ref = '' } = useParams();
  const template = useTemplate(ref);
  if (template.data) return <TemplatePage key={template.data.id} template={template.data} />;
  return (
    <>
      <PageHeader title={ref} back={{ to: '/templates', label: 'Templates' }} />
      {template.isError ? (
        <ErrorState error={template.error} retry={template.refetch} />
      ) : (
        <Stack aria-busy="true" role="status" aria-label="Loading the template">
          <Skeleton h={20} w={220} />
          <Group grow align="flex-start">
            <Stack>
              <Skeleton h={58} />
              <Skeleton h={420} />
            </Stack>
            <Skeleton h={520} visibleFrom="md" />
          </Group>
        </Stack>
      )}
    </>
  );
}
