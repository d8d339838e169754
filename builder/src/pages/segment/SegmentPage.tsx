import { Group, Progress, Stack, Tabs, Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { Segment } from '@/api/segments';
import { CopyButton } from '@/shared/CopyButton';
import { PageHeader } from '@/shared/PageHeader';
import { StateBadge, share } from '../segments/StateBadge';
import { Conditions } from './Conditions';
import { Members } from './Members';
import { Moves } from './Moves';
import { SegmentActions } from './SegmentActions';
import { Uses } from './Uses';

/** A segment: its conditions, who is in it, and who came and went. */
export function SegmentPage({ segment }: { segment: Segment }) {
  const [search, setSearch] = useSearchParams();
  const list = segment.where === null;
  const open = segment.params.length > 0;
  const tab = search.get('tab') ?? (list ? 'members' : 'conditions');
  return (
    <>
      <PageHeader
        title={segment.name}
        back={{ to: '/segments', label: 'Segments' }}
        badge={<StateBadge segment={segment} />}
        actions={<SegmentActions segment={segment} />}
      />
      <Stack gap="xs" mb="md">
        <Group gap="md" mih={28}>
          <Group gap={4}>
            <Text size="sm" ff="monospace">
              {segment.key}
            </Text>
            <CopyButton value={segment.key} label="Copy the key" />
          </Group>
          {!open && (
            <Text size="sm" data-testid="members-count">
              {segment.count === null
                ? 'Members cannot be counted at the moment'
                : `${segment.count.toLocaleString('en')} ${segment.count === 1 ? 'member' : 'members'}`}
            </Text>
          )}
          {open && (
            <Text size="sm" c="dimmed">
              Takes {segment.params.join(', ')} from whoever names it; it has no members by itself.
            </Text>
          )}
        </Group>
        <Uses segment={segment.key} />
        {segment.state === 'backfilling' && !open && (
          <Group gap="sm" wrap="nowrap" maw={520}>
            <Progress
              flex={1}
              animated
              value={
                segment.progress?.total ? (100 * segment.progress.done) / segment.progress.total : 0
              }
              aria-label="Backfill"
            />
            <Text size="xs" c="dimmed">
              {segment.progress
                ? `${segment.progress.done.toLocaleString('en')} of ${segment.progress.total.toLocaleString('en')} contacts (${share(segment.progress)})`
                : 'begins in a moment'}
            </Text>
          </Group>
        )}
      </Stack>
      <Tabs
        value={tab}
        onChange={(next) => next && setSearch({ tab: next }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {!list && <Tabs.Tab value="conditions">Conditions</Tabs.Tab>}
          {!open && <Tabs.Tab value="members">Members</Tabs.Tab>}
          {!open && <Tabs.Tab value="history">History</Tabs.Tab>}
        </Tabs.List>
        {/* Kept while other tabs are looked at: edits that are not saved must not be lost. */}
        {!list && (
          <Tabs.Panel value="conditions" keepMounted>
            <Conditions segment={segment} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="members">
          <Members segment={segment} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <Moves segment={segment} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
