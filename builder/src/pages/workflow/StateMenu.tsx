import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArchive,
  IconDotsVertical,
  IconPlayerPause,
  IconPlayerPlay,
} from '@tabler/icons-react';
import { confirm } from '@/shared/confirm';
import { useChangeState, type Workflow } from './queries';

/** Pausing, resuming and archiving. */
export function StateMenu({ workflow }: { workflow: Workflow }) {
  const change = useChangeState(workflow.key);
  const archive = async (): Promise<void> => {
    const sure = await confirm({
      title: `Archive “${workflow.name}”?`,
      children:
        'Nobody starts from now on. Journeys that are running finish. Publishing brings it back.',
      action: 'Archive',
    });
    if (sure) change.mutate('archive');
  };
  const pause = async (): Promise<void> => {
    const sure = await confirm({
      title: `Pause “${workflow.name}”?`,
      children:
        'Every journey waits where it is, and who would start waits too, until you resume it.',
      action: 'Pause',
    });
    if (sure) change.mutate('pause');
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="default"
          size={30}
          aria-label="More for this workflow"
          loading={change.isPending}
        >
          <IconDotsVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {workflow.state === 'paused' ? (
          <Menu.Item
            leftSection={<IconPlayerPlay size={16} />}
            onClick={() => change.mutate('resume')}
          >
            Resume
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconPlayerPause size={16} />}
            disabled={workflow.state !== 'active'}
            onClick={() => void pause()}
          >
            Pause
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconArchive size={16} />}
          disabled={workflow.state === 'archived' || workflow.state === 'draft'}
          onClick={() => void archive()}
        >
          Archive
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
