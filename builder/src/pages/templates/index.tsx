import { Badge, Button, Group, Paper, SegmentedControl, Select, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMailCog, IconPlus } from '@tabler/icons-react';
import { useSearchParams } from 'react-router';
import { useMay } from '@/api/session';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { CHANNEL_NAMES, CHANNELS, type Channel, channelLabel, type Template } from './channels';
import { NewTemplate } from './NewTemplate';
import { useTemplates } from './queries';

const COLUMNS: readonly Column<Template>[] = [
  { title: 'Template', render: (row) => row.key },
  { title: 'Channel', render: (row) => <ChannelBadge channel={row.channel} />, width: 130 },
  {
    title: 'Says',
    from: 'sm',
    render: (row) => (
      <Text size="sm" c="dimmed" lineClamp={1}>
        {row.subject ?? row.title ?? row.body ?? row.text ?? row.link}
      </Text>
    ),
  },
  { title: 'Saved', from: 'sm', width: 150, render: (row) => <When at={row.updated_at} ago /> },
];

/** All templates of the workspace, `/templates`. */
export function Component() {
  const [query, setQuery] = useSearchParams();
  const channel = CHANNEL_NAMES.find((name) => name === query.get('channel')) ?? null;
  const templates = useTemplates(channel);
  const mayEdit = useMay('edit');
  const [making, { open, close }] = useDisclosure(false);
  const choose = (value: string | null) =>
    setQuery(value ? { channel: value } : {}, { replace: true });
  const make = mayEdit && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
      New template
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Templates"
        description="What messages say: written once, personal for each contact."
        actions={make}
      />
      <SegmentedControl
        visibleFrom="md"
        mb="md"
        size="xs"
        aria-label="Channel"
        value={channel ?? ''}
        onChange={choose}
        data={[
          { value: '', label: 'All' },
          ...CHANNEL_NAMES.map((value) => ({ value, label: CHANNELS[value].label })),
        ]}
      />
      <Select
        hiddenFrom="md"
        mb="md"
        aria-label="Channel"
        placeholder="All channels"
        clearable
        value={channel}
        onChange={choose}
        data={CHANNEL_NAMES.map((value) => ({ value, label: CHANNELS[value].label }))}
      />
      <Paper withBorder>
        <CursorTable
          label="Templates"
          query={templates}
          columns={COLUMNS}
          rowKey={(row) => row.id}
          to={(row) => `/templates/${encodeURIComponent(row.key)}`}
          empty={
            <EmptyState
              icon={IconMailCog}
              title={channel ? `No templates for ${channelLabel(channel)} yet` : 'No templates yet'}
              action={make}
            >
              A template holds the words of a message. Workflows send it; it fills in each
              contact&rsquo;s name, order or whatever else is known.
            </EmptyState>
          }
        />
      </Paper>
      {making && <NewTemplate channel={channel} onClose={close} />}
    </>
  );
}

function ChannelBadge({ channel }: { channel: Channel }) {
  const { icon: Picture, label } = CHANNELS[channel];
  return (
    <Badge variant="light" color="gray" tt="none" fw={500} size="lg">
      <Group gap={6} wrap="nowrap">
        <Picture size={14} aria-hidden />
        {label}
      </Group>
    </Badge>
  );
}
