import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { LoadingRows } from '@/shared/LoadingRows';

/** The canvas comes with it, so it is fetched when the gallery is opened. */
const Gallery = lazy(async () => ({ default: (await import('./Gallery')).Gallery }));

/** Ready workflows to start from. */
export function GalleryDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const phone = useMediaQuery('(max-width: 48em)');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Ready workflows"
      size={1080}
      fullScreen={phone ?? false}
    >
      <Suspense fallback={<LoadingRows rows={10} />}>
        <Gallery />
      </Suspense>
    </Modal>
  );
}
