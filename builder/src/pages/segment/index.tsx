import { useParams } from 'react-router';
import { useSegment } from '@/api/segments';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { PageHeader } from '@/shared/PageHeader';
import { SegmentPage } from './SegmentPage';

/** One segment by its key or id. */
export function Component() {
  const { ref = '' } = useParams();
  const { data, error, refetch } = useSegment(ref);
  if (data) return <SegmentPage key={data.id} segment={data} />;
  return (
    <>
      <PageHeader title={ref} back={{ to: '/segments', label: 'Segments' }} />
      {error ? <ErrorState error={error} retry={refetch} /> : <LoadingRows rows={8} />}
    </>
  );
}
