/** Messages of the journey, and the present moment. */
import { Chip, Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { DAY_NAMES, WEEKDAYS } from '@/canvas/words/waits';
import { useEditing } from '../context';
import { MESSAGE_STATES, type MessageLeaf, type NowLeaf } from '../model/kinds';
import type { BodyProps } from './LeafBody';

type Message = MessageLeaf['message'];

export function MessageBody({ part, edit, wrong }: BodyProps<MessageLeaf>) {
  const { journey } = useEditing();
  const { block, state, link } = part.message;
  const senders = journey?.messages ?? [];
  const blocks = [
    { value: 'last', label: 'the last message' },
    { value: 'all', label: 'every message' },
    ...senders.map((id) => ({ value: id, label: id })),
  ];
  if (!blocks.some((one) => one.value === block)) blocks.push({ value: block, label: block });
  const set = (change: (message: Message) => Message): void =>
    edit((now) => ({ ...now, message: change(now.message) }));
  return (
    <>
      <Select
        size="xs"
        aria-label="Which message"
        data={blocks}
        value={block}
        error={wrong('message.block')}
        allowDeselect={false}
        searchable
        flex="1 1 150px"
        maw={260}
        onChange={(chosen) => set((now) => ({ ...now, block: chosen ?? now.block }))}
      />
      <Select
        size="xs"
        aria-label="State of the message"
        data={MESSAGE_STATES.map((one) => ({ value: one, label: `was ${one}` }))}
        value={state}
        allowDeselect={false}
        error={wrong('message.state')}
        flex="0 0 124px"
        onChange={(chosen) =>
          set((now) => ({
            ...now,
            state: MESSAGE_STATES.find((one) => one === chosen) ?? now.state,
          }))
        }
      />
      {(state === 'clicked' || link != null) && (
        <TextInput
          size="xs"
          aria-label="Link"
          placeholder="any link"
          value={link ?? ''}
          error={wrong('message.link')}
          flex="1 1 160px"
          spellCheck={false}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            set(({ link: _, ...now }) => (typed ? { ...now, link: typed } : now));
          }}
        />
      )}
    </>
  );
}

type Now = NowLeaf['now'];
type Clock = 'from' | 'to' | 'date';

export function NowBody({ part, edit, wrong }: BodyProps<NowLeaf>) {
  const { now } = part;
  const set = (change: (now: Now) => Now): void =>
    edit((leaf) => ({ ...leaf, now: change(leaf.now) }));
  const field = (key: Clock, label: string, width: number) => (
    <TextInput
      size="xs"
      label={label}
      type={key === 'date' ? 'date' : 'time'}
      value={now[key] === '24:00' ? '00:00' : (now[key] ?? '')}
      error={wrong(`now.${key}`)}
      flex="0 1 auto"
      w={width}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        set(({ [key]: _, ...rest }) => (typed ? { ...rest, [key]: typed } : rest));
      }}
    />
  );
  return (
    <>
      <Chip.Group
        multiple
        value={[...(now.weekdays ?? [])]}
        onChange={(chosen) =>
          set(({ weekdays: _, ...rest }) => {
            const days = WEEKDAYS.filter((day) => chosen.includes(day));
            return days.length === 0 ? rest : { ...rest, weekdays: days };
          })
        }
      >
        <Group gap={4} w="100%" aria-label="Days; none for every day" role="group">
          {WEEKDAYS.map((day) => (
            <Chip key={day} value={day} size="xs" variant="outline">
              {DAY_NAMES[day]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {field('from', 'From', 120)}
      {field('to', 'To', 120)}
      {field('date', 'Only on', 140)}
      <ZoneSelect
        value={now.timezone}
        error={wrong('now.timezone')}
        onChange={(timezone) => set((rest) => ({ ...rest, timezone }))}
      />
    </>
  );
}

interface ZoneProps {
  value: string | undefined;
  onChange: (value: string) => void;
  error: boolean;
}

function ZoneSelect({ value = 'contact', onChange, error }: ZoneProps) {
  const [zones] = useState(() => Intl.supportedValuesOf('timeZone'));
  const known = ['UTC', ...zones.filter((zone) => zone !== 'UTC')];
  const strange = value === 'contact' || known.includes(value) ? [] : [value];
  return (
    <Select
      size="xs"
      label="Time zone"
      data={[{ value: 'contact', label: 'The contact’s time' }, ...strange, ...known]}
      value={value}
      searchable
      limit={100}
      allowDeselect={false}
      error={error}
      flex="1 1 170px"
      maw={240}
      onChange={(chosen) => onChange(chosen ?? 'contact')}
    />
  );
}
