import { describe, expect, it } from 'vitest';
import { copyBlocks, paste, readCopied } from './clipboard';
import {
  addBehind,
  addBlock,
  connect,
  insertOnEdge,
  moveBlocks,
  removeBlocks,
  renameBlock,
  setBlock,
} from './edits';
import { emptyBlock } from './empty';
import example from './example.json';
import { edges } from './graph';
import { placed } from './layout';
import type { Definition, Drawing } from './types';

const definition = example as unknown as Definition;
const drawing: Drawing = { definition, layout: placed(definition, null) };

const ways = (one: Drawing): string[] =>
  edges(one.definition).map((edge) => `${edge.source}.${edge.path}>${edge.target}`);
const ids = (one: Drawing): string[] => one.definition.blocks.map((block) => block.id);

describe('the drawing as a graph', () => {
  it('has an edge for the start and for each way out that leads somewhere', () => {
    expect(ways(drawing)).toEqual([
      '$start.first>hello',
      'hello.next>wait',
      'wait.next>paid',
      'paid.then>bye',
      'paid.else>offer',
      'offer.next>bye',
    ]);
  });

  it('keeps fields that it does not know, whatever is edited', () => {
    const edited = moveBlocks(
      insertOnEdge(addBlock(drawing, emptyBlock('timer', 't'), [0, 0]), 'hello:next', 't'),
      { hello: [100, 100] },
    );
    expect(edited.definition).toMatchObject({ unknown_later: { kept: true } });
    expect(edited.definition.blocks[0]).toMatchObject({ id: 'hello', extra: 1, next: 't' });
  });

  it('leaves untouched blocks the same objects', () => {
    const edited = setBlock(drawing, { ...emptyBlock('timer', 'wait'), id: 'wait' });
    expect(edited.definition.blocks[0]).toBe(drawing.definition.blocks[0]);
    expect(edited.definition.blocks[1]).not.toBe(drawing.definition.blocks[1]);
  });
});

describe('connecting', () => {
  it('replaces where a way led', () => {
    expect(ways(connect(drawing, 'hello', 'next', 'offer'))).toContain('hello.next>offer');
  });

  it('takes the field away when a way leads nowhere', () => {
    const block = connect(drawing, 'paid', 'else', null).definition.blocks[2];
    expect(block).not.toHaveProperty('else');
  });

  it('makes a block the first by the way out of the start', () => {
    expect(ids(connect(drawing, '$start', 'first', 'paid'))[0]).toBe('paid');
  });

  it('leads the branches of a split', () => {
    const split = addBlock(drawing, emptyBlock('split', 's'), [0, 0]);
    expect(ways(connect(split, 's', 'branches[1].next', 'bye'))).toContain(
      's.branches[1].next>bye',
    );
  });
});

describe('putting a block into an edge', () => {
  it('leads there and on', () => {
    const edited = insertOnEdge(
      addBlock(drawing, emptyBlock('timer', 't'), [0, 0]),
      'paid:else',
      't',
    );
    expect(ways(edited)).toEqual(expect.arrayContaining(['paid.else>t', 't.next>offer']));
  });

  it('makes the block the first on the edge of the start', () => {
    const edited = insertOnEdge(
      addBlock(drawing, emptyBlock('timer', 't'), [0, 0]),
      '$start:first',
      't',
    );
    expect(ids(edited)[0]).toBe('t');
    expect(ways(edited)).toContain('t.next>hello');
  });

  it('refuses a block without a way out', () => {
    const added = addBlock(drawing, emptyBlock('exit', 'x'), [0, 0]);
    expect(insertOnEdge(added, 'hello:next', 'x')).toBe(added);
  });

  it('moves what follows out of the way', () => {
    const { drawing: edited } = {
      drawing: addBehind(drawing, emptyBlock('timer', 't'), 'hello', 'next'),
    };
    const top = (id: string): number => edited.layout[id]?.[1] ?? 0;
    expect(top('wait') - top('t')).toBeGreaterThanOrEqual(120);
    expect(top('bye')).toBeGreaterThan(top('offer'));
  });
});

describe('taking blocks out', () => {
  it('connects what led there with where it led', () => {
    expect(ways(removeBlocks(drawing, new Set(['wait'])))).toContain('hello.next>paid');
  });

  it('connects over several at once', () => {
    expect(ways(removeBlocks(drawing, new Set(['hello', 'wait'])))[0]).toBe('$start.first>paid');
  });

  it('leaves ways open where it led to several places', () => {
    const edited = removeBlocks(drawing, new Set(['paid']));
    expect(ways(edited)).not.toContain('wait.next>bye');
    expect(edited.definition.blocks.find((block) => block.id === 'wait')).not.toHaveProperty(
      'next',
    );
  });

  it('ends with a loop among the removed', () => {
    const looped = connect(drawing, 'wait', 'next', 'hello');
    expect(ids(removeBlocks(looped, new Set(['hello', 'wait'])))).toEqual(['paid', 'offer', 'bye']);
  });
});

describe('the clipboard', () => {
  it('pastes under new ids and keeps ways among what was copied', () => {
    const copied = readCopied(copyBlocks(drawing, new Set(['hello', 'wait'])));
    if (!copied) throw new Error('not readable');
    const { drawing: pasted, ids: added } = paste(drawing, copied, {
      taken: new Set(ids(drawing)),
    });
    expect(added).toEqual(['hello-2', 'wait-2']);
    expect(ways(pasted)).toContain('hello-2.next>wait-2');
    expect(ways(pasted).some((way) => way.startsWith('wait-2'))).toBe(false);
  });

  it('keeps ways to the outside in a duplicate', () => {
    const copied = readCopied(copyBlocks(drawing, new Set(['wait'])));
    if (!copied) throw new Error('not readable');
    const { drawing: pasted } = paste(drawing, copied, {
      taken: new Set(ids(drawing)),
      keepOutside: true,
    });
    expect(ways(pasted)).toContain('wait-2.next>paid');
  });

  it.each(['', '{', '[]', '{"sojourn/blocks":1,"blocks":[{"id":1}]}', 'some text'])(
    'reads no blocks in %j',
    (text) => expect(readCopied(text)).toBeNull(),
  );
});

describe('renaming', () => {
  it('follows edges and conditions about its messages', () => {
    const renamed = renameBlock(drawing, 'hello', 'welcome');
    expect(ids(renamed)[0]).toBe('welcome');
    expect(renamed.definition.blocks[2]).toMatchObject({ if: { message: { block: 'welcome' } } });
    expect(renamed.layout.welcome).toEqual(drawing.layout.hello);
  });

  it('renames a block for those that wait for its message', () => {
    const wait = {
      ...emptyBlock('wait_for', 'seen'),
      message: { block: 'hello', state: 'opened' },
    } as Definition['blocks'][number];
    const renamed = renameBlock(addBlock(drawing, wait, [0, 0]), 'hello', 'welcome');
    expect(renamed.definition.blocks.at(-1)).toMatchObject({ message: { block: 'welcome' } });
  });
});
