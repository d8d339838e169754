import {
  Progress as Bar,
  Button,
  Checkbox,
  FileInput,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconFileTypeCsv } from '@tabler/icons-react';
import { useState } from 'react';
import { type ImportKind, isUnderWay, type Mapping, useImport, useSendImport } from '@/api/imports';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { MappingTable } from './MappingTable';
import { KINDS } from './mapping';
import { Progress } from './Progress';
import { Refused } from './Refused';
import { Sample } from './Sample';
import { count } from './words';

interface NewImportProps {
  onClose: () => void;
  /** An import has begun that is more than a check. */
  onBegun: (id: string) => void;
}

/** Choose a file, see how it is read, mend that, and import it. */
export function NewImport({ onClose, onBegun }: NewImportProps) {
  const [kind, setKind] = useState<ImportKind>('contacts');
  const [file, setFile] = useState<File | null>(null);
  const [event, setEvent] = useState('');
  const [backfill, setBackfill] = useState(false);
  const [mapping, setMapping] = useState<Mapping>({});
  /** The mapping that the shown check was made with. */
  const [checked, setChecked] = useState<{ id: string; mapping: Mapping } | null>(null);
  const [sent, setSent] = useState(0);
  const send = useSendImport(setSent);

  const fresh = (): void => {
    setChecked(null);
    setMapping({});
    send.reset();
  };
  const go = (dryRun: boolean): void => {
    if (file === null) return;
    setSent(0);
    const sending = { file, kind, mapping, event, backfill, dryRun };
    send.mutate(sending, {
      onSuccess: ({ id }) => {
        if (dryRun) return setChecked({ id, mapping });
        onClose();
        onBegun(id);
      },
    });
  };
  const current = checked !== null && checked.mapping === mapping;
  return (
    <Modal opened onClose={onClose} size="xl" title="Import a file">
      <Stack>
        <SegmentedControl
          aria-label="What the file holds"
          data={KINDS.map(({ value, label }) => ({ value, label }))}
          value={kind}
          onChange={(value) => {
            setKind(value as ImportKind);
            fresh();
          }}
        />
        <FileInput
          label="CSV file"
          description={`The first line names the columns; needed: ${KINDS.find((one) => one.value === kind)?.needs}. Packed with gzip is fine.`}
          placeholder="Choose a file"
          accept=".csv,.tsv,.txt,.gz,text/csv"
          leftSection={<IconFileTypeCsv size={16} aria-hidden />}
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            fresh();
          }}
          clearable
          clearButtonProps={{ 'aria-label': 'Choose no file' }}
        />
        {kind === 'events' && (
          <TextInput
            label="Name of the events"
            description="Where no column holds it."
            value={event}
            maxLength={200}
            onChange={(change) => {
              setEvent(change.currentTarget.value);
              setChecked(null);
            }}
          />
        )}
        <Checkbox
          label="This is history: start and stop no journeys"
          checked={backfill}
          onChange={(change) => setBackfill(change.currentTarget.checked)}
        />
        {send.isPending && sent < 1 && (
          <Bar value={sent * 100} aria-label="Sending the file" animated />
        )}
        {send.error && <ErrorState error={send.error} />}
        {checked && (
          <Check id={checked.id} mapping={mapping} onChange={setMapping} current={current} />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            variant={current ? 'default' : 'filled'}
            disabled={file === null}
            loading={send.isPending && send.variables.dryRun}
            onClick={() => go(true)}
          >
            {checked ? 'Check again' : 'Check the file'}
          </Button>
          <Button
            disabled={file === null || !current}
            loading={send.isPending && !send.variables.dryRun}
            onClick={() => go(false)}
          >
            Import
          </Button>
        </Group>
        {!current && file && (
          <Text size="xs" c="dimmed" ta="right">
            {checked
              ? 'The columns were changed: check the file again before it is imported.'
              : 'Checking stores nothing.'}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}

interface CheckProps {
  id: string;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
  current: boolean;
}

/** What the check of a file found. */
function Check({ id, mapping, onChange, current }: CheckProps) {
  const check = useImport(id);
  if (check.isPending) return <LoadingRows rows={4} />;
  if (check.isError) return <ErrorState error={check.error} retry={check.refetch} />;
  const { rows } = check.data;
  return (
    <>
      <Progress of={check.data} />
      {current && !isUnderWay(check.data) && (
        <Text size="sm" role="status">
          {rows.rejected === 0
            ? `All ${count(rows.accepted)} rows are in order.`
            : `${count(rows.accepted)} rows can be imported, ${count(rows.rejected)} would be refused.`}
        </Text>
      )}
      <Refused of={check.data} />
      <MappingTable of={check.data} mapping={mapping} onChange={onChange} />
      <Sample of={check.data} />
    </>
  );
}
