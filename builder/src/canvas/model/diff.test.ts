import { describe, expect, it } from 'vitest';
import { diff } from './diff';
import { addBehind, connect, removeBlocks, setBlock, setDefinition } from './edits';
import { emptyBlock } from './empty';
import example from './example.json';
import type { BlockOf, Definition, Drawing } from './types';

const definition = example as unknown as Definition;
const drawing: Drawing = { definition, layout: {} };
const changes = (after: Drawing) => diff(definition, after.definition);

describe('what changed', () => {
  it('is nothing where nothing did, whatever the order of fields', () => {
    const [first, ...rest] = definition.blocks;
    const turned = Object.fromEntries(Object.entries(first ?? {}).toReversed()) as typeof first;
    const same = turned ? [turned, ...rest] : rest;
    expect(diff(definition, { ...definition, blocks: same })).toEqual([]);
  });

  it('tells a block that is new, and what leads to it', () => {
    const found = changes(addBehind(drawing, emptyBlock('timer', 't'), 'hello', 'next'));
    expect(found).toEqual([
      {
        kind: 'added',
        what: 'Timer t',
        block: 't',
        lines: [{ label: 'Does', before: null, after: 'Wait 1 day' }],
      },
      {
        kind: 'changed',
        what: 'Message hello',
        block: 'hello',
        lines: [{ label: 'Then', before: 'wait', after: 't' }],
      },
    ]);
  });

  it('tells a block that is gone', () => {
    expect(
      changes(removeBlocks(drawing, new Set(['wait']))).map((one) => [one.kind, one.what]),
    ).toEqual([
      ['removed', 'Timer wait'],
      ['changed', 'Message hello'],
    ]);
  });

  it('tells a change in words', () => {
    const hello = definition.blocks[0] as BlockOf<'message'>;
    const [found] = changes(setBlock(drawing, { ...hello, template: 'other' }));
    expect(found?.lines).toEqual([
      { label: 'Does', before: 'Send push “lets-go”', after: 'Send push “other”' },
    ]);
  });

  it('tells what words leave out as it is written', () => {
    const wait = { id: 'p', kind: 'emit', event: 'Done', properties: { a: 1 } } as const;
    const before = { ...definition, blocks: [wait] };
    const after = { ...definition, blocks: [{ ...wait, properties: { a: 2 } }] };
    expect(diff(before, after)[0]?.lines).toEqual([
      { label: 'properties', before: '{"a":1}', after: '{"a":2}' },
    ]);
  });

  it('tells another start, another stop and another first block', () => {
    const after = setDefinition(connect(drawing, '$start', 'first', 'paid'), {
      start: { kind: 'event', event: 'Other' },
      stop: [],
    });
    expect(changes(after).map((one) => one.what)).toEqual(['First block', 'Start', 'Stop']);
  });
});
