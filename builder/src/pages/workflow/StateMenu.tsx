import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArchive,
  IconDotsVertical,
  IconPlayerPause,
  IconPlayerPlay,
  IconRocket,
} from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useNavigate } from 'react-router';
import type { Definition } from '@/canvas/model/types';
import { confirm } from '@/shared/confirm';
import { useChangeState, type Workflow } from './queries';

const LaunchDialog = lazy(() =>
  import('@/pages/launches/LaunchDialog').then((module) => ({ default: module.LaunchDialog })),
);

/** Launching, pausing, resuming and archiving. */
export function StateMenu({ workflow }: { workflow: Workflow }) {
  const change = useChangeState(workflow.key);
  const navigate = useNavigate();
  const [launching, setLaunching] = useState(false);
  const { start } = workflow.definition as unknown as Definition;
  const launchable = workflow.version !== null && workflow.state !== 'archived';
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
    <>
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
          {start.kind === 'segment' && (
            <Menu.Item
              leftSection={<IconRocket size={16} />}
              disabled={!launchable}
              onClick={() => setLaunching(true)}
            >
              Launch now…
            </Menu.Item>
          )}
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
      {launching && (
        <Suspense>
          <LaunchDialog
            opened
            workflow={workflow.key}
            onClose={() => setLaunching(false)}
            onLaunched={({ id }) => void navigate(`/launches?launch=${id}`)}
          />
        </Suspense>
      )}
    </>
  );
}
