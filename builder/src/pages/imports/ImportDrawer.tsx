import { Badge, Button, Drawer, Group, Stack } from '@mantine/core';
import { isUnderWay, useCancelImport, useImport } from '@/api/imports';
import { useMay } from '@/api/session';
import { confirm } from '@/shared/confirm';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { MappingTable } from './MappingTable';
import { Progress } from './Progress';
import { Refused } from './Refused';
import { Sample } from './Sample';
import { STATES } from './words';

/** One import: how far it is, how its columns were read, what was wrong. */
export function ImportDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const found = useImport(id);
  const cancel = useCancelImport();
  const mayEdit = useMay('edit');
  const stop = async (): Promise<void> => {
    const sure = await confirm({
      title: 'Cancel this import?',
      children: 'It stops where it stands. The rows that were stored stay.',
      action: 'Cancel the import',
      danger: true,
    });
    if (sure) cancel.mutate(id);
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={found.data?.file ?? 'Import'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {found.isPending && <LoadingRows />}
      {found.isError && !found.data && <ErrorState error={found.error} retry={found.refetch} />}
      {found.data && (
        <Stack gap="lg">
          <Group justify="space-between" mih={30}>
            <Group gap="xs">
              <Badge color={STATES[found.data.state].color} variant="light" tt="none">
                {STATES[found.data.state].label}
              </Badge>
              {found.data.dry_run && (
                <Badge variant="default" tt="none">
                  check only
                </Badge>
              )}
              {found.data.backfill && (
                <Badge variant="default" tt="none">
                  history
                </Badge>
              )}
            </Group>
            {mayEdit && isUnderWay(found.data) && (
              <Button
                size="xs"
                variant="default"
                loading={cancel.isPending}
                onClick={() => void stop()}
              >
                Cancel the import
              </Button>
            )}
          </Group>
          <Progress of={found.data} />
          <Refused of={found.data} />
          <MappingTable of={found.data} />
          <Sample of={found.data} />
        </Stack>
      )}
    </Drawer>
  );
}
