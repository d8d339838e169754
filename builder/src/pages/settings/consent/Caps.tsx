import {
  Button,
  Group,
  Modal,
  NumberInput,
  Paper,
  Select,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useMay } from '@/api/session';
import { DurationField } from '@/canvas/fields/times';
import { CHANNELS } from '@/predicates/model/kinds';
import { channelWords } from '@/predicates/words';
import { confirm } from '@/shared/confirm';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { type Cap, type CapSave, useCaps, useDeleteCap, useSaveCap } from '../queries';
import { capWords, kindOf, PERIODS } from './periods';

/** How many messages a contact gets at most, over all workflows. */
export function Caps() {
  const mayEdit = useMay('edit');
  const caps = useCaps();
  const [open, setOpen] = useState<Cap | 'new' | null>(null);
  return (
    <Paper withBorder p="md" component="section" aria-label="Frequency caps">
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h4">
            Frequency caps
          </Title>
          {mayEdit && (
            <Button
              size="xs"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => setOpen('new')}
            >
              New cap
            </Button>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          How many messages one contact gets, over all workflows. What is above is skipped; what is
          owed to the contact is not counted.
        </Text>
        {caps.isPending && <LoadingRows rows={2} />}
        {caps.isError && <ErrorState error={caps.error} retry={caps.refetch} />}
        {caps.data?.length === 0 && <Text size="sm">There is none: nothing is held back.</Text>}
        {caps.data?.map((cap) => (
          <Group key={cap.id} justify="space-between" wrap="nowrap" data-cap={cap.key}>
            <Text size="sm">
              {cap.channel ? channelWords(cap.channel) : 'All channels together'}: {capWords(cap)}
            </Text>
            {mayEdit && (
              <Group gap={4} wrap="nowrap">
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={`Change the cap ${cap.key}`}
                  onClick={() => setOpen(cap)}
                >
                  Change
                </Button>
                <Delete cap={cap} />
              </Group>
            )}
          </Group>
        ))}
      </Stack>
      {open !== null && (
        <CapDialog
          cap={open === 'new' ? null : open}
          taken={caps.data ?? []}
          onClose={() => setOpen(null)}
        />
      )}
    </Paper>
  );
}

function Delete({ cap }: { cap: Cap }) {
  const remove = useDeleteCap();
  const ask = async (): Promise<void> => {
    const sure = await confirm({
      title: 'Delete this cap?',
      children: `${capWords(cap)}: it holds no longer, from the next message on.`,
      action: 'Delete',
      danger: true,
    });
    if (sure) remove.mutate(cap.key);
  };
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      aria-label={`Delete the cap ${cap.key}`}
      loading={remove.isPending}
      onClick={() => void ask()}
    >
      Delete
    </Button>
  );
}

interface DialogProps {
  cap: Cap | null;
  taken: readonly Cap[];
  onClose: () => void;
}

const ALL = 'all';

function CapDialog({ cap, taken, onClose }: DialogProps) {
  const [values, setValues] = useState<CapSave>(() => ({
    channel: CHANNELS.find((one) => one === cap?.channel) ?? null,
    limit: cap?.limit ?? 3,
    period: cap?.period ?? 'day',
  }));
  const save = useSaveCap();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const key = cap?.key ?? freeKey(values, taken);
    save.mutate({ ...values, key, made: cap === null }, { onSuccess: onClose });
  };
  const kind = kindOf(values.period);
  return (
    <Modal opened onClose={onClose} title={cap ? 'Frequency cap' : 'New frequency cap'}>
      <form onSubmit={submit}>
        <Stack>
          <Select
            label="Of messages by"
            data={[
              { value: ALL, label: 'all channels together' },
              ...CHANNELS.map((value) => ({ value, label: channelWords(value) })),
            ]}
            value={values.channel ?? ALL}
            allowDeselect={false}
            onChange={(chosen) =>
              setValues({ ...values, channel: CHANNELS.find((one) => one === chosen) ?? null })
            }
          />
          <NumberInput
            label="At most"
            required
            min={1}
            max={1000}
            allowDecimal={false}
            value={values.limit}
            onChange={(typed) => setValues({ ...values, limit: Number(typed) || 1 })}
          />
          <Select
            label="In"
            data={[...PERIODS]}
            value={kind}
            allowDeselect={false}
            onChange={(chosen) =>
              setValues({ ...values, period: chosen === 'rolling' ? 'PT24H' : (chosen ?? 'day') })
            }
          />
          {kind === 'rolling' && (
            <DurationField
              label="That long"
              value={values.period}
              onChange={(period) => setValues({ ...values, period })}
            />
          )}
          {save.isError && <ErrorState error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A key that says what it is: "email-day", "all-PT24H-2". */
function freeKey({ channel, period }: CapSave, taken: readonly Cap[]): string {
  const stem = `${channel ?? ALL}-${period}`;
  const keys = new Set(taken.map(({ key }) => key));
  for (let number = 2; ; number += 1) {
    const key = number === 2 ? stem : `${stem}-${number - 1}`;
    if (!keys.has(key)) return key;
  }
}
