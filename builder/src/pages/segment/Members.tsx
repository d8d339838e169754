import { ActionIcon, Tooltip } from '@mantine/core';
import { IconUserMinus, IconUsers } from '@tabler/icons-react';
import type { Model } from '@/api/client';
import { showProblem } from '@/api/queries';
import { changeMembers, type Segment, useMembers, useSegmentChange } from '@/api/segments';
import { useMay } from '@/api/session';
import { type Column, CursorTable } from '@/shared/CursorTable';
import { EmptyState } from '@/shared/EmptyState';
import { When } from '@/shared/When';
import { AddMembers } from './AddMembers';

type Member = Model<'MemberAnswer'>;

/** Who is in it; a list's members are added and taken off here. */
export function Members({ segment }: { segment: Segment }) {
  const query = useMembers(segment.key, segment.params.length === 0);
  const list = segment.where === null;
  const mayEdit = useMay('edit') && list;
  const take = useSegmentChange((id: string) =>
    changeMembers(segment.key, { add: [], remove: [id] }),
  );
  const columns: Column<Member>[] = [
    { title: 'Contact', render: (one) => one.userId ?? one.email ?? one.id },
    { title: 'Email', from: 'sm', render: (one) => one.email ?? '–' },
    {
      title: 'Entered',
      width: 180,
      render: (one) => <When at={one.entered_at} zone={one.timezone} />,
    },
    ...(mayEdit
      ? [
          {
            title: '',
            width: 50,
            render: (one: Member) => (
              <Tooltip label="Take off the list">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Take ${one.userId ?? one.email ?? one.id} off the list`}
                  loading={take.isPending && take.variables === one.id}
                  onClick={() => take.mutate(one.id, { onError: showProblem })}
                >
                  <IconUserMinus size={16} />
                </ActionIcon>
              </Tooltip>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      {mayEdit && <AddMembers segment={segment.key} />}
      <CursorTable
        label="Members"
        query={query}
        columns={columns}
        rowKey={(one) => one.id}
        to={(one) => `/contacts/${one.id}`}
        empty={
          <EmptyState icon={IconUsers} title="Nobody is in it">
            {list
              ? 'Put contacts on the list by their user ids.'
              : 'Contacts come in as soon as the conditions hold for them.'}
          </EmptyState>
        }
      />
    </>
  );
}
