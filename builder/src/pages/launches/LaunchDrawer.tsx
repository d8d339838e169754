import {
  Alert,
  Anchor,
  Badge,
  Button,
  Drawer,
  Group,
  Modal,
  Progress,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { type Launch, useLaunch, useStopLaunch } from '@/api/launches';
import { useMay } from '@/api/session';
import { refusalWords } from '@/pages/journeys/words';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { When } from '@/shared/When';
import { count, KINDS, paceWords, part, STATES, skippedCount } from './words';

/** One launch: how far it is, who was skipped and why. */
export function LaunchDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const launch = useLaunch(id);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={launch.data ? `Launch of ${launch.data.workflow}` : 'Launch'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {launch.isPending && <LoadingRows />}
      {launch.isError && !launch.data && <ErrorState error={launch.error} retry={launch.refetch} />}
      {launch.data && <Details of={launch.data} />}
    </Drawer>
  );
}

function Details({ of: launch }: { of: Launch }) {
  const mayEdit = useMay('edit');
  const done = part(launch);
  const running = launch.state === 'running';
  return (
    <Stack>
      <Group justify="space-between" mih={30}>
        <Badge variant="light" color={STATES[launch.state].color} tt="none">
          {launch.held ? 'Held: the workflow is paused' : STATES[launch.state].label}
        </Badge>
        {running && mayEdit && <Stop id={launch.id} />}
      </Group>
      <Progress
        value={(done ?? 0) * 100}
        animated={running && !launch.held}
        aria-label="Progress of the launch"
      />
      {launch.reason && (
        <Alert color={launch.state === 'stopped' ? 'orange' : 'red'}>{launch.reason}</Alert>
      )}
      <Table aria-label="Numbers" withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          <Row name="Members when it began">{number(launch.total)}</Row>
          <Row name="Started">{count(launch.started)}</Row>
          <Row name="Skipped">{count(skippedCount(launch))}</Row>
          {launch.skipped.map(({ reason, count: skipped }) => (
            <Row key={reason} name={refusalWords({ kind: reason, detail: null })} inside>
              {count(skipped)}
            </Row>
          ))}
          {launch.failed > 0 && <Row name="Could not be decided on">{count(launch.failed)}</Row>}
          <Row name="Left">{number(launch.left)}</Row>
        </Table.Tbody>
      </Table>
      <Table aria-label="About it" withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          <Row name="Begun">{KINDS[launch.kind]}</Row>
          <Row name="Segment">
            {launch.segment ? (
              <To path={`/segments/${launch.segment}`}>{launch.segment}</To>
            ) : (
              'deleted since'
            )}
          </Row>
          <Row name="Pace">{paceWords(launch)}</Row>
          {launch.scheduled_for && (
            <Row name="Planned for">
              <When at={launch.scheduled_for} seconds />
            </Row>
          )}
          {launch.missed > 0 && <Row name="Moments missed">{count(launch.missed)}</Row>}
          <Row name="Started">
            <When at={launch.started_at} seconds />
          </Row>
          <Row name="Ended">
            <When at={launch.finished_at} seconds />
          </Row>
        </Table.Tbody>
      </Table>
      <Group gap="lg">
        <To path={`/workflows/${launch.workflow}/live`}>The workflow's numbers</To>
        <To path={`/workflows/${launch.workflow}/history?launch=${launch.id}`}>Who, one by one</To>
      </Group>
    </Stack>
  );
}

const number = (value: number | null): string =>
  value === null ? 'not counted yet' : count(value);

function Row({ name, inside, children }: { name: string; inside?: boolean; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th fw={400} c="dimmed" pl={inside ? 'xl' : undefined}>
        {name}
      </Table.Th>
      <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {children}
      </Table.Td>
    </Table.Tr>
  );
}

function To({ path, children }: { path: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={path} size="sm">
      {children}
    </Anchor>
  );
}

function Stop({ id }: { id: string }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [detail, setDetail] = useState('');
  const stop = useStopLaunch();
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Stop the launch
      </Button>
      <Modal opened={opened} onClose={close} title="Stop this launch?">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            stop.mutate({ id, detail: detail.trim() || null }, { onSuccess: close });
          }}
        >
          <Stack>
            <Text size="sm">Nobody else is started by it. Journeys that began go on.</Text>
            <TextInput
              label="Why"
              description="Kept with the launch."
              maxLength={500}
              value={detail}
              onChange={(event) => setDetail(event.currentTarget.value)}
              data-autofocus
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" color="red" loading={stop.isPending}>
                Stop the launch
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
