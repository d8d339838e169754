import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useConnected } from '@/api/connection';

/** Says that the server cannot be reached; lies over the page, so that nothing shifts. */
export function ConnectionBanner() {
  if (useConnected()) return null;
  return (
    <Alert
      color="yellow"
      variant="filled"
      autoContrast
      role="status"
      icon={<IconPlugConnectedX aria-hidden />}
      title="No connection"
      pos="fixed"
      bottom={12}
      left="50%"
      maw={480}
      w="calc(100% - 24px)"
      style={{ transform: 'translateX(-50%)', zIndex: 300 }}
    >
      Sojourn cannot be reached. What you see may be old, and changes wait; this page goes on by
      itself once the connection is back.
    </Alert>
  );
}
