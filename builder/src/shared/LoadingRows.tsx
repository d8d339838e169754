import { Skeleton, Stack } from '@mantine/core';

interface LoadingRowsProps {
  rows?: number;
  /** The height of a row as it will be, so that nothing shifts. */
  height?: number;
}

/** What a list shows until it knows its rows. */
export function LoadingRows({ rows = 6, height = 44 }: LoadingRowsProps) {
  return (
    <Stack gap={1} aria-busy="true" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without identity
        <Stack key={row} h={height} justify="center" px="sm">
          <Skeleton h={14} w={`${88 - ((row * 23) % 45)}%`} />
        </Stack>
      ))}
    </Stack>
  );
}
