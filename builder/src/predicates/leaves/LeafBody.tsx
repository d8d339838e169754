import { Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useEditing, useIssues } from '../context';
import { update } from '../model/edits';
import { CHANNELS, type Json, type LeafKind } from '../model/kinds';
import { gapsOf, messageAt, type RowIssue } from '../model/places';
import { isGroup, type Leaf, type Raw, type Row } from '../model/tree';
import { channelWords } from '../words';
import { FieldBody, ParamBody } from './compared';
import { EventBody, OrderBody } from './counted';
import { MessageBody, NowBody } from './journey';
import { SegmentBody } from './SegmentBody';

export interface BodyProps<Part> {
  readonly part: Part;
  /** Change the leaf as it is by then. */
  readonly edit: (change: (part: Part) => Part) => void;
  readonly issues: readonly RowIssue[];
  /** Whether something is wrong at a part, or it is empty and must not be. */
  readonly wrong: (part: string) => boolean;
}

/** A row's JSON was found to be of its kind when it was read. */
const of = <Part,>(Body: React.ComponentType<BodyProps<Part>>) =>
  Body as unknown as React.ComponentType<BodyProps<Json>>;

const BODIES: Readonly<Record<LeafKind, React.ComponentType<BodyProps<Json>>>> = {
  field: of(FieldBody),
  param: of(ParamBody),
  event: of(EventBody),
  order: of(OrderBody),
  segment: of(SegmentBody),
  message: of(MessageBody),
  now: of(NowBody),
  reachable: of(ReachableBody),
};

/** The inputs of a leaf. */
export function LeafBody({ row }: { row: Leaf }) {
  const { apply } = useEditing();
  const issues = useIssues(row.id);
  const gaps = gapsOf(row);
  const Body = BODIES[row.kind];
  return (
    <Body
      part={row.json}
      issues={issues}
      wrong={(part) => gaps.includes(part) || messageAt(issues, part) !== undefined}
      edit={(change) => apply((tree) => update(tree, row.id, (found) => changed(found, change)))}
    />
  );
}

const changed = (row: Row, change: (json: Json) => Json): Row =>
  isGroup(row) || row.kind === 'raw' ? row : { ...row, json: change(row.json) };

function ReachableBody({ part, edit }: BodyProps<{ reachable: string }>) {
  return (
    <Select
      size="xs"
      aria-label="Channel"
      data={CHANNELS.map((channel) => ({ value: channel, label: channelWords(channel) }))}
      value={part.reachable}
      allowDeselect={false}
      flex="0 1 180px"
      onChange={(channel) => edit((now) => ({ ...now, reachable: channel ?? now.reachable }))}
    />
  );
}

/** A part that this page does not know, as JSON. */
export function RawBody({ row }: { row: Raw }) {
  const { apply } = useEditing();
  const [text, setText] = useState(() => JSON.stringify(row.json, null, 2));
  const [broken, setBroken] = useState(false);
  return (
    <Textarea
      size="xs"
      aria-label="A part as JSON"
      description="This part is kept as it is; it can be edited as JSON."
      value={text}
      error={broken && 'This is no JSON yet'}
      autosize
      maxRows={8}
      flex={1}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        try {
          const json: unknown = JSON.parse(typed);
          setBroken(false);
          apply((tree) =>
            update(tree, row.id, (found) =>
              isGroup(found) ? found : { ...found, kind: 'raw', json },
            ),
          );
        } catch {
          setBroken(true);
        }
      }}
    />
  );
}
