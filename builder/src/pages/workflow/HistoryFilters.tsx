import { Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Definition } from '@/canvas/model/types';
import { ContactSelect } from '@/pages/journeys/ContactSelect';
import classes from '@/pages/journeys/Filters.module.css';
import { endWords, REASONS, refusalWords } from '@/pages/journeys/words';
import type { Workflow } from './queries';

export interface Filters {
  readonly contact: string | null;
  /** The id of a launch. */
  readonly launch: string | null;
  readonly kind: string | null;
  readonly event: string;
  readonly key: string;
  readonly block: string | null;
  readonly reason: string | null;
  /** As the browser's date fields write it, in the viewer's zone. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTERS: Filters = {
  contact: null,
  launch: null,
  kind: null,
  event: '',
  key: '',
  block: null,
  reason: null,
  from: '',
  to: '',
};

/** What an address asks for, as links from other pages do: `?launch=…`, `?contact=…`, `?kind=…`. */
export function filtersOf(address: URLSearchParams): Filters {
  return {
    ...NO_FILTERS,
    contact: address.get('contact'),
    launch: address.get('launch'),
    kind: KINDS.find(({ value }) => value === address.get('kind'))?.value ?? null,
    event: address.get('event') ?? '',
    block: address.get('block'),
    reason: address.get('reason'),
  };
}

/** The address that shows the same again. */
export function addressOf(filters: Filters): URLSearchParams {
  const { contact, launch, kind, event, block, reason } = filters;
  const said = { contact, launch, kind, event: event.trim(), block, reason };
  return new URLSearchParams(
    Object.entries(said).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

const KINDS = [
  { value: 'started', label: 'Began' },
  { value: 'skipped', label: 'Not let in' },
  { value: 'ended', label: 'Ended' },
  { value: 'missed', label: 'Launch missed' },
];

type Kind = 'started' | 'skipped' | 'ended' | 'missed';

/** What the server is asked; nothing of what is left open. */
export function queryOf({ contact, launch, kind, event, key, block, reason, from, to }: Filters) {
  return {
    ...(contact && { contact }),
    ...(launch && { launch }),
    ...(kind && { kind: kind as Kind }),
    ...(event.trim() && { event: event.trim() }),
    ...keyOf(key.trim()),
    ...(block && { block }),
    ...(reason && { reason }),
    ...(from && { from: new Date(from).toISOString() }),
    ...(to && { to: new Date(to).toISOString() }),
  };
}

/** `plan_id=p-1` is a property of the event; a bare value is that of the re-entry key. */
function keyOf(text: string): { key?: string[]; param?: string[] } {
  if (!text) return {};
  return /^[^=]+=/.test(text) ? { param: [text] } : { key: text.split(/\s*,\s*/) };
}

interface Props {
  workflow: Workflow;
  value: Filters;
  onChange: (filters: Filters) => void;
}

export function HistoryFilters({ workflow, value, onChange }: Props) {
  const set = (changes: Partial<Filters>): void => onChange({ ...value, ...changes });
  const definition = workflow.definition as unknown as Definition;
  const [round, setRound] = useState(0);
  return (
    <div className={classes.filters}>
      <Select
        label="What"
        placeholder="All"
        size="xs"
        clearable
        data={KINDS}
        value={value.kind}
        onChange={(kind) => set({ kind })}
      />
      {value.launch !== null && (
        <Button
          size="xs"
          variant="light"
          rightSection={<IconX size={14} aria-hidden />}
          aria-label="Of one launch alone; look at all"
          onClick={() => set({ launch: null })}
        >
          Of one launch alone
        </Button>
      )}
      <ContactSelect
        key={round}
        label="Contact"
        placeholder="All"
        size="xs"
        value={value.contact}
        onChange={(contact) => contact !== value.contact && set({ contact })}
      />
      <Autocomplete
        label="Event"
        placeholder="Name or id"
        size="xs"
        data={'event' in definition.start ? [definition.start.event] : []}
        value={value.event}
        onChange={(event) => set({ event })}
      />
      <TextInput
        label="Key or property"
        placeholder="p-1 or plan_id=p-1"
        size="xs"
        value={value.key}
        onChange={(event) => set({ key: event.currentTarget.value })}
      />
      <Select
        label="Reason"
        placeholder="All"
        size="xs"
        clearable
        searchable
        data={REASONS.map((kind, index) => ({
          value: kind,
          label:
            index < REASONS.indexOf('completed')
              ? refusalWords({ kind, detail: null })
              : endWords({ kind, detail: null }),
        }))}
        value={value.reason}
        onChange={(reason) => set({ reason })}
      />
      <Select
        label="Ended in block"
        placeholder="Any"
        size="xs"
        clearable
        searchable
        data={definition.blocks.map((block) => block.id)}
        value={value.block}
        onChange={(block) => set({ block })}
      />
      <TextInput
        label="From"
        type="datetime-local"
        size="xs"
        value={value.from}
        onChange={(event) => set({ from: event.currentTarget.value })}
      />
      <TextInput
        label="To"
        type="datetime-local"
        size="xs"
        value={value.to}
        onChange={(event) => set({ to: event.currentTarget.value })}
      />
      <Button
        size="xs"
        variant="default"
        disabled={Object.keys(queryOf(value)).length === 0}
        onClick={() => {
          setRound(round + 1);
          onChange(NO_FILTERS);
        }}
      >
        Clear
      </Button>
    </div>
  );
}
