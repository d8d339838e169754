import { Button, Collapse, Group, Paper, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilter, IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { type Looking, useSegmentChoices } from '@/api/contacts';
import type { Predicate } from '@/canvas/model/types';
import { LoadingRows } from '@/shared/LoadingRows';

const PredicateEditor = lazy(async () => ({
  default: (await import('@/predicates/PredicateEditor')).PredicateEditor,
}));

const PAUSE = 300;
const EVERYBODY: Predicate = { all: [] };

interface FiltersProps {
  value: Looking;
  onChange: (value: Looking) => void;
}

/** Who is looked for: by text, by segment, and by any condition. */
export function Filters({ value, onChange }: FiltersProps) {
  const [text, setText] = useState(value.search);
  const [predicate, setPredicate] = useState<Predicate>(value.where ?? EVERYBODY);
  const [open, setOpen] = useState(value.where !== null);
  const segments = useSegmentChoices();
  // What was changed and is not yet looked for; another filter may be chosen meanwhile.
  const changed = useRef<Partial<Looking>>({});
  const look = (part: Partial<Looking>): void => {
    const next = { ...value, ...changed.current, ...part };
    changed.current = {};
    onChange(next);
  };
  const pause = useDebouncedCallback(() => look({}), PAUSE);
  const lookSoon = (part: Partial<Looking>): void => {
    changed.current = { ...changed.current, ...part };
    pause();
  };

  const filter = (where: Predicate): void => {
    setPredicate(where);
    lookSoon({ where: isEverybody(where) ? null : where });
  };
  const toggle = (): void => {
    setOpen(!open);
    // A filter that is folded away filters nothing.
    if (open) {
      setPredicate(EVERYBODY);
      look({ where: null });
    }
  };
  return (
    <>
      <Group mb="md" gap="sm">
        <TextInput
          aria-label="Search contacts"
          placeholder="User id, email, phone or name"
          leftSection={<IconSearch size={16} aria-hidden />}
          type="search"
          value={text}
          maxLength={200}
          flex={1}
          miw={220}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value);
            lookSoon({ search: currentTarget.value });
          }}
        />
        <Select
          aria-label="Members of a segment"
          placeholder="Any segment"
          data={segments.data ?? []}
          value={value.segment}
          onChange={(segment) => look({ segment })}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Any segment' }}
          nothingFoundMessage="No such segment"
          w={{ base: '100%', xs: 220 }}
        />
        <Button
          variant={open ? 'light' : 'default'}
          leftSection={<IconFilter size={16} />}
          aria-expanded={open}
          onClick={toggle}
        >
          {open ? 'Without conditions' : 'Conditions'}
        </Button>
      </Group>
      <Collapse expanded={open}>
        <Paper withBorder p="sm" mb="md">
          {open && (
            <Suspense fallback={<LoadingRows rows={3} />}>
              <PredicateEditor value={predicate} onChange={filter} />
            </Suspense>
          )}
        </Paper>
      </Collapse>
    </>
  );
}

const isEverybody = (where: Predicate): boolean => 'all' in where && where.all.length === 0;
