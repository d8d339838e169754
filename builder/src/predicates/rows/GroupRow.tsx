import { ActionIcon, Group as Line, Select, Text, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { useEditing, useIssues } from '../context';
import { update } from '../model/edits';
import { countRows, type Group, isGroup } from '../model/tree';
import classes from '../Predicates.module.css';
import { AddMenu } from './AddMenu';
import { dropTarget } from './dragging';
import { Grip } from './Grip';
import { LeafRow } from './LeafRow';
import { RowMenu } from './RowMenu';

const MEANINGS = [
  { value: 'all', label: 'All of these' },
  { value: 'any', label: 'At least one of these' },
  { value: 'not any', label: 'None of these' },
  { value: 'not all', label: 'Not all of these' },
];

/** A group: what it asks of its rows, the rows, and a way to add more. */
export const GroupRow = memo(function GroupRow({ row, depth }: { row: Group; depth: number }) {
  const { apply, readOnly, folded } = useEditing();
  const [open, setOpen] = useState(!folded || depth === 0);
  const issues = useIssues(row.id);
  const top = depth === 0;
  const Fold = open ? IconChevronDown : IconChevronRight;
  const fold = open ? 'Fold the group' : 'Unfold the group';
  return (
    <fieldset
      className={classes.group}
      data-row={row.id}
      data-depth={depth % 3}
      disabled={readOnly}
    >
      <legend className={classes.legend}>{top ? 'Conditions' : `Group, level ${depth}`}</legend>
      <div
        className={classes.head}
        {...dropTarget(row.id, (height) => (!top && height < 0.4 ? 'before' : 'first'), apply)}
      >
        {!top && <Grip id={row.id} what="group" />}
        <Select
          size="xs"
          aria-label="What the group asks for"
          data={MEANINGS}
          value={`${row.nots % 2 === 1 ? 'not ' : ''}${row.kind}`}
          allowDeselect={false}
          flex="0 1 200px"
          styles={{ input: { fontWeight: 600 } }}
          onChange={(chosen) =>
            apply((tree) =>
              update(tree, row.id, (now) => ({
                ...(isGroup(now) ? { ...now, kind: chosen?.endsWith('any') ? 'any' : 'all' } : now),
                nots: chosen?.startsWith('not') ? 1 : 0,
              })),
            )
          }
        />
        {!top && (
          <Line gap={0} wrap="nowrap" ml="auto">
            <Tooltip label={fold}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={28}
                aria-label={fold}
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                <Fold size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <RowMenu row={row} what="group" />
          </Line>
        )}
      </div>
      {issues.map((issue) => (
        <Text
          key={`${issue.part} ${issue.message}`}
          size="xs"
          className={classes.wrong}
          role="alert"
        >
          {issue.message}
        </Text>
      ))}
      {open ? (
        <>
          {row.rows.length === 0 && (
            <Text size="xs" c="dimmed">
              {(row.kind === 'all') === (row.nots % 2 === 0)
                ? 'Nothing is asked for: everybody fits.'
                : 'Without a condition nobody fits.'}
            </Text>
          )}
          {row.rows.map((inner, index) => (
            <div key={inner.id} className={classes.place}>
              {index > 0 && (
                <span className={classes.and}>{row.kind === 'all' ? 'and' : 'or'}</span>
              )}
              {isGroup(inner) ? (
                <GroupRow row={inner} depth={depth + 1} />
              ) : (
                <LeafRow row={inner} />
              )}
            </div>
          ))}
          <div className={classes.foot} {...dropTarget(row.id, () => 'last', apply)}>
            {!readOnly && <AddMenu group={row.id} />}
          </div>
        </>
      ) : (
        <Text size="xs" c="dimmed">
          {countRows(row) - 1} conditions
        </Text>
      )}
    </fieldset>
  );
});
