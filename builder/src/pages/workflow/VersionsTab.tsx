import { Button, Group, NavLink, Select, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useMay } from '@/api/session';
import { ReadCanvas } from '@/canvas/flow/ReadCanvas';
import { confirm } from '@/shared/confirm';
import { EmptyState } from '@/shared/EmptyState';
import { LoadingRows } from '@/shared/LoadingRows';
import { When } from '@/shared/When';
import { drawingOf, type Version, type Workflow } from './queries';
import type { Draft } from './useDraft';
import classes from './Versions.module.css';

interface Props {
  workflow: Workflow;
  versions: readonly Version[] | undefined;
  draft: Draft;
}

/** What was published, each version as it was drawn. */
export function VersionsTab({ workflow, versions, draft }: Props) {
  const mayEdit = useMay('edit');
  const [chosen, setChosen] = useState<number | null>(null);
  const version = versions?.find((one) => one.version === chosen) ?? versions?.[0];
  const drawing = useMemo(() => version && drawingOf(version), [version]);
  if (!versions) return <LoadingRows />;
  if (!version || !drawing) {
    return (
      <EmptyState icon={IconHistory} title="Nothing is published yet">
        Publish the draft, and it is kept here as it was.
      </EmptyState>
    );
  }
  const bringBack = async (): Promise<void> => {
    const sure = await confirm({
      title: `Take version ${version.version} as the draft?`,
      children:
        'The draft becomes as this version was. Nothing changes for contacts until you publish it.',
      action: 'Take it',
    });
    if (sure) draft.editor.edit(() => drawing);
  };
  return (
    <div className={classes.versions}>
      <nav className={classes.list} aria-label="Versions">
        {versions.map((one) => (
          <NavLink
            key={one.version}
            component="button"
            active={one.version === version.version}
            label={`Version ${one.version}${one.version === workflow.version ? ', running' : ''}`}
            description={<When at={one.published_at} />}
            onClick={() => setChosen(one.version)}
          />
        ))}
      </nav>
      <div className={classes.shown}>
        <Group px="md" py={8} justify="space-between">
          <Select
            className={classes.choice ?? ''}
            aria-label="Version"
            data={versions.map((one) => ({
              value: String(one.version),
              label: `Version ${one.version}`,
            }))}
            value={String(version.version)}
            allowDeselect={false}
            onChange={(value) => setChosen(Number(value))}
          />
          <Text size="sm" c="dimmed">
            Published <When at={version.published_at} />
          </Text>
          {mayEdit && (
            <Button size="xs" variant="default" onClick={() => void bringBack()}>
              Take as draft
            </Button>
          )}
        </Group>
        <ReadCanvas key={version.version} drawing={drawing} />
      </div>
    </div>
  );
}
