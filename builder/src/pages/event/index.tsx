import { Stack, Title } from '@mantine/core';
import { useParams } from 'react-router';
import { useEventDetail } from '@/api/catalogue';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { PageHeader } from '@/shared/PageHeader';
import { Days } from './Days';
import { Properties } from './Properties';
import { Recent } from './Recent';

/** One event: how much of it came, what it carries, the latest ones. */
export function Component() {
  const { name = '' } = useParams();
  const { data, error, refetch } = useEventDetail(name);
  return (
    <>
      <PageHeader title={name} back={{ to: '/events', label: 'Events' }} />
      {error ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Stack gap="xl">
          <section aria-labelledby="days">
            <Title order={2} size="h4" id="days" mb="xs">
              The last 30 days
            </Title>
            <Days days={data?.days} />
          </section>
          <section aria-labelledby="properties">
            <Title order={2} size="h4" id="properties" mb="xs">
              Properties
            </Title>
            {data ? <Properties properties={data.properties} /> : <LoadingRows rows={4} />}
          </section>
          <section aria-labelledby="recent">
            <Title order={2} size="h4" id="recent" mb="xs">
              Latest
            </Title>
            <Recent name={name} />
          </section>
        </Stack>
      )}
    </>
  );
}
