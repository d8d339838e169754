/** What changed between two definitions, in the words of whoever drew it. */
import { blockWords, KIND_LABELS } from '../words/blocks';
import { controlWords, goalWords } from '../words/goals';
import { reentryWords, startWords, stopWords } from '../words/rules';
import { blockById } from './graph';
import { outputs } from './outputs';
import type { Block, Definition } from './types';

export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  /** What it is about: "Start", "Message hello". */
  readonly what: string;
  /** The block, if it is about one. */
  readonly block: string | null;
  readonly lines: readonly ChangeLine[];
}

export interface ChangeLine {
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
}

export function diff(before: Definition, after: Definition): Change[] {
  return [...ruleChanges(before, after), ...blockChanges(before, after)];
}

const line = (label: string, before: string | null, after: string | null): ChangeLine[] =>
  before === after ? [] : [{ label, before, after }];

/** What left a list, and what came into it. */
const listChanges = (before: readonly string[], after: readonly string[]): ChangeLine[] => [
  ...before
    .filter((one) => !after.includes(one))
    .map((one) => ({ label: 'No longer', before: one, after: null })),
  ...after
    .filter((one) => !before.includes(one))
    .map((one) => ({ label: 'New', before: null, after: one })),
];

function ruleChanges(before: Definition, after: Definition): Change[] {
  const start = [
    ...line('Begins', startWords(before.start), startWords(after.start)),
    ...line('How often', reentryWords(before.start), reentryWords(after.start)),
  ];
  const stops = listChanges((before.stop ?? []).map(stopWords), (after.stop ?? []).map(stopWords));
  const goals = listChanges(
    (before.goals ?? []).map(goalWords),
    (after.goals ?? []).map(goalWords),
  );
  const held = (definition: Definition): string | null => controlWords(definition.control) || null;
  return [
    changed('Name', null, line('Name', before.name, after.name)),
    changed(
      'First block',
      null,
      line('Begins with', before.blocks[0]?.id ?? null, after.blocks[0]?.id ?? null),
    ),
    changed('Start', null, start.length > 0 ? start : unsaid(before.start, after.start)),
    changed('Goals', null, goals),
    changed('Control group', null, line('Held back', held(before), held(after))),
    changed('Stop', null, stops.length > 0 ? stops : unsaid(before.stop ?? [], after.stop ?? [])),
  ].filter((change) => change.lines.length > 0);
}

const changed = (what: string, block: string | null, lines: readonly ChangeLine[]): Change => ({
  kind: 'changed',
  what,
  block,
  lines,
});

/** What differs and is not among the words is told as the fields are written. */
function unsaid(before: object, after: object): ChangeLine[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) => line(field, written(before, field), written(after, field)));
}

function written(owner: object, field: string): string | null {
  const value: unknown = (owner as Record<string, unknown>)[field];
  return value === undefined || value === null ? null : JSON.stringify(value, sorted);
}

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const named = (block: Block): string => `${KIND_LABELS[block.kind] ?? block.kind} ${block.id}`;

function blockChanges(before: Definition, after: Definition): Change[] {
  const old = blockById(before);
  const now = blockById(after);
  const added = after.blocks
    .filter((block) => !old.has(block.id))
    .map(
      (block): Change => ({
        ...changed(named(block), block.id, line('Does', null, blockWords(block))),
        kind: 'added',
      }),
    );
  const removed = before.blocks
    .filter((block) => !now.has(block.id))
    .map(
      (block): Change => ({
        ...changed(named(block), block.id, line('Did', blockWords(block), null)),
        kind: 'removed',
      }),
    );
  const edited = after.blocks.flatMap((block) => {
    const was = old.get(block.id);
    const lines = was ? blockLines(was, block) : [];
    return lines.length > 0 ? [changed(named(block), block.id, lines)] : [];
  });
  return [...added, ...removed, ...edited];
}

const TARGETS = new Set(['next', 'then', 'else', 'id', 'kind']);

function blockLines(before: Block, after: Block): ChangeLine[] {
  if (before.kind !== after.kind)
    return line('Kind', KIND_LABELS[before.kind], KIND_LABELS[after.kind]);
  const words = line('Does', blockWords(before), blockWords(after));
  const own = words.length > 0 ? words : unsaid(plain(before), plain(after));
  return [...own, ...wayLines(before, after)];
}

/** A block without where it leads, which is told apart. */
function plain(block: Block): object {
  const { branches, ...fields } = block as Block & { branches?: readonly { weight: number }[] };
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => !TARGETS.has(name)));
  return branches ? { ...kept, branches: branches.map(({ weight }) => weight) } : kept;
}

function wayLines(before: Block, after: Block): ChangeLine[] {
  const old = new Map(outputs(before).map((way) => [way.path, way]));
  const now = new Map(outputs(after).map((way) => [way.path, way]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const way = now.get(path) ?? old.get(path);
    const label = way?.label ? `Then, if ${way.label}` : 'Then';
    const leads = (ways: typeof old): string => ways.get(path)?.target ?? 'the end';
    return line(label, leads(old), leads(now));
  });
}
