import { ActionIcon, Badge, Group, Text, Tooltip } from '@mantine/core';
import { IconCode, IconX } from '@tabler/icons-react';
import { memo } from 'react';
import { useEditing, useIssues } from '../context';
import { LeafBody, RawBody } from '../leaves/LeafBody';
import { remove, update } from '../model/edits';
import { LEAF_LABELS } from '../model/kinds';
import type { Leaf, Raw } from '../model/tree';
import classes from '../Predicates.module.css';
import { dropTarget } from './dragging';
import { Grip } from './Grip';
import { LEAF_ICONS } from './icons';
import { RowMenu } from './RowMenu';

const SENTENCES: Partial<Record<Leaf['kind'], string>> = {
  event: 'Did',
  order: 'Has orders',
  segment: 'Is in segment',
  reachable: 'Can be reached by',
  message: 'Message',
  now: 'It is now',
};

/** One condition. */
export const LeafRow = memo(function LeafRow({ row }: { row: Leaf | Raw }) {
  const { apply, journey } = useEditing();
  const issues = useIssues(row.id);
  const raw = row.kind === 'raw';
  const what = raw ? 'a part as JSON' : LEAF_LABELS[row.kind].toLowerCase();
  const Icon = raw ? IconCode : LEAF_ICONS[row.kind];
  const said = raw
    ? 'JSON'
    : row.kind === 'param' && journey
      ? 'Starting event’s'
      : (SENTENCES[row.kind] ?? LEAF_LABELS[row.kind]);
  return (
    <div
      className={classes.leaf}
      data-row={row.id}
      data-kind={row.kind}
      {...dropTarget(row.id, (height) => (height < 0.5 ? 'before' : 'after'), apply)}
    >
      <Grip id={row.id} what={what} />
      <div className={classes.body}>
        <Group gap={6} wrap="nowrap" className={classes.lead}>
          <Icon size={15} aria-hidden />
          {row.nots > 0 && (
            <Tooltip label="Take the “not” away">
              <Badge
                component="button"
                type="button"
                color="red"
                variant="light"
                size="sm"
                style={{ cursor: 'pointer' }}
                onClick={() =>
                  apply((tree) => update(tree, row.id, (now) => ({ ...now, nots: 0 })))
                }
              >
                {'not '.repeat(row.nots).trim()}
              </Badge>
            </Tooltip>
          )}
          <Text span size="xs" fw={600}>
            {said}
          </Text>
        </Group>
        {raw ? <RawBody row={row} /> : <LeafBody row={row} />}
        {issues.map((issue) => (
          <Text
            key={`${issue.part} ${issue.message}`}
            size="xs"
            className={classes.wrong}
            w="100%"
            role="alert"
          >
            {issue.message}
          </Text>
        ))}
      </div>
      <Group gap={0} wrap="nowrap">
        <RowMenu row={row} what={what} />
        <Tooltip label="Remove">
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            aria-label={`Remove ${what}`}
            onClick={() => apply((tree) => remove(tree, row.id))}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
    </div>
  );
});
