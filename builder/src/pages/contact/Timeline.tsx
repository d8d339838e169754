import { Button, Chip, Group, Stack } from '@mantine/core';
import { IconTimeline } from '@tabler/icons-react';
import { useState } from 'react';
import { type ContactDetails, type TimelineKind, useTimeline } from '@/api/contacts';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { TimelineRow } from './TimelineRow';

const KINDS: readonly [TimelineKind, string][] = [
  ['event', 'Events'],
  ['message', 'Messages'],
  ['journey', 'Journeys'],
  ['refusal', 'Refused starts'],
  ['order', 'Orders'],
  ['segment', 'Segments'],
];

/** All that happened to a contact, the newest first; of some kinds only, if asked. */
export function Timeline({ contact }: { contact: ContactDetails }) {
  const [kinds, setKinds] = useState<TimelineKind[]>([]);
  const query = useTimeline(contact.id, kinds);
  const entries = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Stack gap="sm">
      <Chip.Group multiple value={kinds} onChange={(to) => setKinds(to as TimelineKind[])}>
        <Group gap={6} role="group" aria-label="Show only">
          {KINDS.map(([kind, label]) => (
            <Chip key={kind} value={kind} size="xs">
              {label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {query.isPending && <LoadingRows height={52} />}
      {query.isError && <ErrorState error={query.error} retry={query.refetch} />}
      {query.isSuccess && entries.length === 0 && (
        <EmptyState icon={IconTimeline} title="Nothing happened yet">
          {kinds.length > 0 ? 'Nothing of these kinds, at least.' : 'Events will show here.'}
        </EmptyState>
      )}
      <Stack gap={0} component="ol" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Timeline">
        {entries.map((entry) => (
          <TimelineRow
            key={`${entry.kind} ${entry.id} ${entry.at}`}
            entry={entry}
            contact={contact}
          />
        ))}
      </Stack>
      {query.hasNextPage && (
        <Button
          variant="subtle"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Load more
        </Button>
      )}
    </Stack>
  );
}
