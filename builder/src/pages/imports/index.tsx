import { Anchor, Badge, Button, Text } from '@mantine/core';
import { IconFileImport, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { type Import, isUnderWay, useImports } from '@/api/imports';
import { useMay } from '@/api/session';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { ImportDrawer } from './ImportDrawer';
import classes from './Imports.module.css';
import { NewImport } from './NewImport';
import { count, STATES } from './words';

/** Files of contacts, events and orders. */
export function Component() {
  const [sending, setSending] = useState(false);
  const [shown, setShown] = useState<string | null>(null);
  const mayEdit = useMay('edit');
  const query = useImports();
  const start = mayEdit && (
    <Button leftSection={<IconUpload size={16} />} onClick={() => setSending(true)}>
      Import a file
    </Button>
  );
  const columns: readonly Column<Import>[] = [
    {
      title: 'File',
      render: (one) => (
        <>
          <Anchor
            component="button"
            type="button"
            size="sm"
            ta="left"
            onClick={() => setShown(one.id)}
          >
            {one.file ?? 'without a name'}
          </Anchor>
          {one.dry_run && (
            <Badge ml={6} size="sm" variant="default" tt="none">
              check only
            </Badge>
          )}
        </>
      ),
    },
    { title: 'Holds', from: 'sm', width: 100, render: (one) => one.kind },
    {
      title: 'State',
      width: 130,
      render: (one) => (
        <Badge variant="light" color={STATES[one.state].color} tt="none">
          {STATES[one.state].label}
          {isUnderWay(one) && one.state === 'running' && ` ${Math.floor(one.progress * 100)} %`}
        </Badge>
      ),
    },
    {
      title: 'Rows',
      numeric: true,
      width: 110,
      render: ({ rows }) => (
        <>
          {count(rows.accepted)}
          {rows.rejected > 0 && (
            <Text size="xs" className={classes.refused}>
              {count(rows.rejected)} refused
            </Text>
          )}
        </>
      ),
    },
    { title: 'Sent', from: 'sm', width: 170, render: (one) => <When at={one.created_at} /> },
  ];
  return (
    <>
      <PageHeader
        title="Imports"
        description="CSV files of contacts, events and orders, and what became of them."
        actions={start}
      />
      <CursorTable
        label="Imports"
        query={query}
        rowKey={(one) => one.id}
        columns={columns}
        empty={
          <EmptyState icon={IconFileImport} title="No import yet" action={start}>
            Bring in the people you have: a CSV file with a column for their user id is enough.
          </EmptyState>
        }
      />
      {shown !== null && <ImportDrawer id={shown} onClose={() => setShown(null)} />}
      {sending && <NewImport onClose={() => setSending(false)} onBegun={setShown} />}
    </>
  );
}
