import { Badge, Tooltip } from '@mantine/core';
import type { SegmentSummary } from '@/api/segments';

type Told = Pick<SegmentSummary, 'state' | 'progress' | 'where' | 'params'>;

/** What sort of segment it is: a list, one that takes parameters, live or being looked through. */
export function StateBadge({ segment }: { segment: Told }) {
  const [color, label, about] = told(segment);
  return (
    <Tooltip label={about}>
      <Badge variant="light" color={color}>
        {label}
      </Badge>
    </Tooltip>
  );
}

function told({ state, progress, where, params }: Told): [string, string, string] {
  if (where == null) return ['gray', 'Static list', 'Contacts are put on it and taken off it.'];
  if (params.length > 0) {
    return ['violet', 'With parameters', `Whoever names it gives ${params.join(', ')}.`];
  }
  if (state === 'live') return ['teal', 'Live', 'Contacts come and go as data and time change.'];
  return [
    'yellow',
    `Backfilling ${share(progress)}`,
    'All contacts are being looked through, because its conditions are new.',
  ];
}

export const share = (progress: SegmentSummary['progress']): string =>
  progress && progress.total > 0
    ? `${Math.floor((100 * Math.min(progress.done, progress.total)) / progress.total)} %`
    : '';
