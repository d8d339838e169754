import { Skeleton, Stack, Tabs } from '@mantine/core';
import { lazy, type ReactNode, Suspense } from 'react';
import { useNavigate, useParams } from 'react-router';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { PageHeader } from '@/shared/PageHeader';
import { Channels } from './Channels';
import { HoursForm } from './HoursForm';
import { Installation } from './Installation';
import { type Settings, useSettings } from './queries';
import { WorkspaceForm } from './WorkspaceForm';

const Accounts = lazy(() =>
  import('./accounts/Accounts').then((module) => ({ default: module.Accounts })),
);
const Topics = lazy(() =>
  import('./consent/Topics').then((module) => ({ default: module.Topics })),
);
const Suppressions = lazy(() =>
  import('./consent/Suppressions').then((module) => ({ default: module.Suppressions })),
);
const Caps = lazy(() => import('./consent/Caps').then((module) => ({ default: module.Caps })));

const PARTS: readonly [string, string, (settings: Settings) => ReactNode][] = [
  [
    'workspace',
    'Workspace',
    (settings) => (
      <>
        <WorkspaceForm settings={settings} />
        <Installation settings={settings} />
      </>
    ),
  ],
  [
    'channels',
    'Channels',
    (settings) => (
      <>
        <Channels channels={settings.channels} />
        <Accounts />
      </>
    ),
  ],
  ['topics', 'Topics', () => <Topics />],
  ['suppressions', 'Suppressions', () => <Suppressions />],
  [
    'limits',
    'Limits',
    (settings) => (
      <>
        <HoursForm settings={settings} />
        <Caps />
      </>
    ),
  ],
];

/** The workspace, who delivers its messages, and what its contacts get at most. */
export function Component() {
  const settings = useSettings();
  const navigate = useNavigate();
  const { part } = useParams();
  const open = PARTS.find(([name]) => name === part)?.[0] ?? 'workspace';
  return (
    <>
      <PageHeader title="Settings" />
      {settings.isPending && (
        <Stack aria-busy="true" role="status" aria-label="Loading" maw={720}>
          <Skeleton h={36} />
          <Skeleton h={230} />
          <Skeleton h={330} />
        </Stack>
      )}
      {settings.isError && !settings.data && (
        <ErrorState error={settings.error} retry={settings.refetch} />
      )}
      {settings.data && (
        <Tabs
          maw={720}
          value={open}
          keepMounted={false}
          onChange={(next) =>
            void navigate(next === 'workspace' ? '/settings' : `/settings/${next}`)
          }
        >
          <Tabs.List mb="md" aria-label="Parts of the settings">
            {PARTS.map(([name, label]) => (
              <Tabs.Tab key={name} value={name}>
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {PARTS.map(([name, , render]) => (
            <Tabs.Panel key={name} value={name}>
              <Suspense fallback={<LoadingRows />}>
                <Stack>{render(settings.data)}</Stack>
              </Suspense>
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
    </>
  );
}
