/** What the list asks for row by row: counting all at once would hold up the whole list. */
import { Skeleton, Text, Tooltip } from '@mantine/core';
import { type SegmentSummary, type SegmentUses, useSegment, useSegmentUses } from '@/api/segments';

export function CountCell({ segment }: { segment: SegmentSummary }) {
  const { data, isError } = useSegment(segment.key);
  if (segment.params.length > 0) return <Dash why="Depends on its parameters" />;
  if (isError) return <Dash why="It could not be counted" />;
  if (!data) return <Skeleton h={14} w={48} ml="auto" my={4} />;
  if (data.count === null) return <Dash why="Counting takes too long at the moment" />;
  return <>{data.count.toLocaleString('en')}</>;
}

export function UsesCell({ segment }: { segment: SegmentSummary }) {
  const { data, isError } = useSegmentUses(segment.key);
  if (isError) return <Dash why="This could not be found out" />;
  if (!data) return <Skeleton h={14} w={90} my={4} />;
  const names = [...data.workflows, ...data.segments].join(', ');
  if (!names) return <Dash why="No workflow or segment names it" />;
  return (
    <Tooltip label={names}>
      <Text span inherit>
        {usesWords(data)}
      </Text>
    </Tooltip>
  );
}

/** "2 workflows, 1 segment". */
export function usesWords({ workflows, segments }: SegmentUses): string {
  const said = (count: number, word: string): string[] =>
    count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`];
  return [...said(workflows.length, 'workflow'), ...said(segments.length, 'segment')].join(', ');
}

function Dash({ why }: { why: string }) {
  return (
    <Tooltip label={why}>
      <Text span inherit c="dimmed">
        –
      </Text>
    </Tooltip>
  );
}
