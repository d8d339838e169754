import { Anchor, Badge, Table } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { Link } from 'react-router';
import { type ContactDetails, useMemberships } from '@/api/contacts';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { Sideways } from '@/shared/Sideways';
import { When } from '@/shared/When';

/** The segments that a contact is in, and was in. */
export function Segments({ contact }: { contact: ContactDetails }) {
  const memberships = useMemberships(contact.id);
  if (memberships.isPending) return <LoadingRows />;
  if (memberships.isError) {
    return <ErrorState error={memberships.error} retry={memberships.refetch} />;
  }
  const { data } = memberships.data;
  if (data.length === 0) {
    return (
      <EmptyState icon={IconUsersGroup} title="In no segment">
        The contact meets the conditions of no segment, and never did.
      </EmptyState>
    );
  }
  return (
    <Sideways label="Segments">
      <Table highlightOnHover aria-label="Segments" verticalSpacing={10}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Segment</Table.Th>
            <Table.Th w={90}>Now</Table.Th>
            <Table.Th w={170}>Since</Table.Th>
            <Table.Th w={170} visibleFrom="sm">
              Until
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.map(({ id, key, name, entered_at, left_at }) => (
            <Table.Tr key={`${id} ${entered_at}`}>
              <Table.Td>
                <Anchor component={Link} to={`/segments/${key}`} fw={500} inherit>
                  {name}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <Badge variant="light" color={left_at ? 'gray' : 'teal'} tt="none">
                  {left_at ? 'left' : 'in it'}
                </Badge>
              </Table.Td>
              <Table.Td>
                <When at={entered_at} zone={contact.timezone} />
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <When at={left_at} zone={contact.timezone} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Sideways>
  );
}
