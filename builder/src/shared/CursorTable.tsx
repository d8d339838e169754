import { Anchor, Button, Center, type MantineBreakpoint, Table } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'react-router';
import type { Page } from '@/api/queries';
import { ErrorState } from './ErrorState';
import { LoadingRows } from './LoadingRows';
import { Sideways } from './Sideways';

export interface Column<Row> {
  title: string;
  render: (row: Row) => ReactNode;
  /** Narrower screens leave it out. */
  from?: MantineBreakpoint;
  numeric?: boolean;
  width?: number | string;
}

interface CursorTableProps<Row> {
  /** What the table holds, for those who cannot see it. */
  label: string;
  query: UseInfiniteQueryResult<InfiniteData<Page<Row>>, Error>;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Where the first column of a row leads. */
  to?: (row: Row) => string;
  empty: ReactNode;
}

/** A list of the API: loads on as one scrolls, and has its empty, loading and error states. */
export function CursorTable<Row>(props: CursorTableProps<Row>) {
  const { query, columns, rowKey, to } = props;
  if (query.isPending) return <LoadingRows />;
  if (query.isError && !query.data) return <ErrorState error={query.error} retry={query.refetch} />;
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  if (rows.length === 0) return props.empty;
  return (
    <>
      <Sideways label={props.label}>
        <Table highlightOnHover aria-label={props.label} verticalSpacing={10}>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column.title} {...look(column)}>
                  {column.title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={rowKey(row)}>
                {columns.map((column, index) => (
                  <Table.Td key={column.title} {...look(column)}>
                    {index === 0 && to ? (
                      <Anchor component={Link} to={to(row)} fw={500} inherit>
                        {column.render(row)}
                      </Anchor>
                    ) : (
                      column.render(row)
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Sideways>
      {query.isFetchNextPageError && <ErrorState error={query.error} retry={query.fetchNextPage} />}
      {query.hasNextPage && !query.isFetchNextPageError && <More query={query} />}
    </>
  );
}

function look<Row>(column: Column<Row>) {
  return {
    ...(column.from === undefined ? {} : { visibleFrom: column.from }),
    ...(column.width === undefined ? {} : { w: column.width }),
    ...(column.numeric
      ? { ta: 'right' as const, style: { fontVariantNumeric: 'tabular-nums' } }
      : {}),
  };
}

type Loading = Pick<
  UseInfiniteQueryResult<unknown, Error>,
  'fetchNextPage' | 'isFetchingNextPage' | 'isFetching'
>;

/** Loads on when it comes into sight; the button is for the keyboard. */
function More({ query }: { query: Loading }) {
  const { ref, entry } = useIntersection({ rootMargin: '400px' });
  const inSight = entry?.isIntersecting ?? false;
  const { fetchNextPage, isFetching } = query;
  useEffect(() => {
    if (inSight && !isFetching) void fetchNextPage();
  }, [inSight, isFetching, fetchNextPage]);
  return (
    <Center ref={ref} py="sm">
      <Button
        variant="subtle"
        loading={query.isFetchingNextPage}
        onClick={() => void fetchNextPage()}
      >
        Load more
      </Button>
    </Center>
  );
}
