import { Badge, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowsExchange, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Model } from '@/api/client';
import { type Segment, useMoves } from '@/api/segments';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { When } from '@/shared/When';

type Move = Model<'MoveAnswer'>;

const COLUMNS: readonly Column<Move>[] = [
  { title: 'Contact', render: (one) => one.userId ?? one.contact_id },
  {
    title: 'What',
    width: 120,
    render: (one) => (
      <Badge variant="light" color={one.kind === 'entered' ? 'teal' : 'gray'}>
        {one.kind}
      </Badge>
    ),
  },
  { title: 'When', width: 190, render: (one) => <When at={one.at} seconds /> },
];

/** Who entered and who left, the latest first. */
export function Moves({ segment }: { segment: Segment }) {
  const [typed, setTyped] = useState('');
  const [contact] = useDebouncedValue(typed.trim(), 300);
  const query = useMoves(segment.key, contact, segment.params.length === 0);
  return (
    <>
      <TextInput
        aria-label="Only this contact"
        placeholder="Only the contact with this user id"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        maw={360}
        mb="md"
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <CursorTable
        label="Entries and exits"
        query={query}
        columns={COLUMNS}
        rowKey={(one) => `${one.contact_id} ${one.at} ${one.kind}`}
        to={(one) => `/contacts/${one.contact_id}`}
        empty={
          <EmptyState icon={IconArrowsExchange} title="Nobody came or went">
            {contact ? 'At least not this contact.' : 'Entries and exits show here as they happen.'}
          </EmptyState>
        }
      />
    </>
  );
}
