import { Button, Group, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { errorsPath, type Import, useImportErrors } from '@/api/imports';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { readCsv } from './csv';
import { count } from './words';

/** Reached by the keyboard, which scrolls it. */
const SCROLLED = { tabIndex: 0, role: 'region', 'aria-label': 'Errors' };

const SHOWN = 100;

/** What was wrong, line by line: the first of it here, all of it as a file. */
export function Refused({ of: one }: { of: Import }) {
  const errors = useImportErrors(one, SHOWN);
  if (one.errors === 0) return null;
  const rows = readCsv(errors.data ?? '').slice(1);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={3} size="h5">
          What was wrong
        </Title>
        <Button
          component="a"
          href={errorsPath(one.id)}
          download={`errors-of-${one.file ?? one.id}`}
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
        >
          Download all
        </Button>
      </Group>
      {errors.isPending && <LoadingRows rows={3} height={36} />}
      {errors.isError && <ErrorState error={errors.error} retry={errors.refetch} />}
      {rows.length > 0 && (
        <ScrollArea.Autosize mah={320} type="auto" viewportProps={SCROLLED}>
          <Table aria-label="Errors" fz="xs" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={60}>Line</Table.Th>
                <Table.Th>Column</Table.Th>
                <Table.Th>Value</Table.Th>
                <Table.Th>What is wrong</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(([line, column, value, reason]) => (
                <Table.Tr key={`${line} ${column} ${reason}`}>
                  <Table.Td>{line}</Table.Td>
                  <Table.Td>{column || '–'}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{value || '–'}</Table.Td>
                  <Table.Td>{reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
      {one.errors > SHOWN && (
        <Text size="xs" c="dimmed">
          The first {SHOWN} of {count(one.errors)}.
        </Text>
      )}
    </Stack>
  );
}
