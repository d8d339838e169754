import { describe, expect, it } from 'vitest';
import { Problem } from '@/api/problem';
import { emptyDefinition } from '@/canvas/model/empty';
import type { Drawing } from '@/canvas/model/types';
import { Autosave, type Unsent } from './autosave';

const drawn = (name: string): Drawing => ({ definition: emptyDefinition(name), layout: {} });
const away = new Problem(0, 'No connection', 'away');
const conflict = new Problem(409, 'Conflict', 'saved meanwhile', [], {
  revision: 7,
  updated_at: 'then',
  saved_by: 'Grace',
});

/** A server and a clock that do what the test says, when it says so. */
function setUp() {
  const calls: {
    unsent: Unsent;
    answer: (revision: number) => void;
    fail: (error: Error) => void;
  }[] = [];
  const timers: { then: () => void; milliseconds: number }[] = [];
  const kept: (Unsent | null)[] = [];
  const autosave = new Autosave<{ revision: number }>(1, {
    send: (unsent) =>
      new Promise((resolve, reject) => {
        calls.push({ unsent, answer: (revision) => resolve({ revision }), fail: reject });
      }),
    keep: (unsent) => kept.push(unsent),
    onSaved: () => undefined,
    wait: (then, milliseconds) => {
      const timer = { then, milliseconds };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
    },
  });
  const tick = async (): Promise<void> => {
    for (const timer of timers.splice(0)) timer.then();
    await Promise.resolve();
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { autosave, calls, timers, kept, tick, settle };
}

describe('saving by itself', () => {
  it('waits while nobody is signed in, and sends the last change afterwards', async () => {
    const { autosave, calls, kept, tick, settle } = setUp();
    autosave.changed(drawn('a'));
    await tick();
    calls[0]?.fail(new Problem(401, 'Unauthorized', 'signed out'));
    await settle();
    expect(autosave.state().kind).toBe('signed_out');
    autosave.changed(drawn('b'));
    await tick();
    expect(calls).toHaveLength(1);
    expect(kept.at(-1)?.drawing.definition.name).toBe('b');
    autosave.flush();
    expect(calls[1]?.unsent.drawing.definition.name).toBe('b');
    calls[1]?.answer(2);
    await settle();
    expect(autosave.state().kind).toBe('saved');
  });

  it('keeps a change in the browser at once and sends the last one when the hand rests', async () => {
    const { autosave, calls, kept, tick, settle } = setUp();
    autosave.changed(drawn('a'));
    autosave.changed(drawn('b'));
    expect(kept.at(-1)?.drawing.definition.name).toBe('b');
    expect(calls).toHaveLength(0);
    await tick();
    expect(calls.map((call) => call.unsent.drawing.definition.name)).toEqual(['b']);
    expect(calls[0]?.unsent.revision).toBe(1);
    calls[0]?.answer(2);
    await settle();
    expect(autosave.state().kind).toBe('saved');
    expect(kept.at(-1)).toBeNull();
  });

  it('sends what changed meanwhile on the new revision, one call after the other', async () => {
    const { autosave, calls, kept, tick, settle } = setUp();
    autosave.changed(drawn('a'));
    await tick();
    autosave.changed(drawn('b'));
    await tick();
    expect(calls).toHaveLength(1);
    calls[0]?.answer(2);
    await settle();
    expect(kept.at(-1)).toMatchObject({ revision: 2 });
    await tick();
    expect(calls[1]?.unsent.revision).toBe(2);
  });

  it('says that it is offline, and tries again at growing distances', async () => {
    const { autosave, calls, timers, tick, settle } = setUp();
    autosave.changed(drawn('a'));
    const distances: (number | undefined)[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      await tick();
      calls.at(-1)?.fail(away);
      await settle();
      distances.push(timers[0]?.milliseconds);
      expect(autosave.state().kind).toBe('offline');
    }
    expect(distances).toEqual([2000, 4000, 8000, 16000, 30000, 30000]);
    await tick();
    calls.at(-1)?.answer(2);
    await settle();
    expect(autosave.state().kind).toBe('saved');
  });

  it('sends nothing over what somebody else saved until it is told to', async () => {
    const { autosave, calls, tick, settle } = setUp();
    autosave.changed(drawn('mine'));
    await tick();
    calls[0]?.fail(conflict);
    await settle();
    expect(autosave.state()).toEqual({
      kind: 'conflict',
      revision: 7,
      at: 'then',
      by: 'Grace',
    });
    autosave.changed(drawn('mine, too'));
    await tick();
    autosave.flush();
    expect(calls).toHaveLength(1);
    autosave.keepMine(7);
    expect(calls[1]?.unsent).toMatchObject({ revision: 7 });
    expect(calls[1]?.unsent.drawing.definition.name).toBe('mine, too');
  });

  it('lets go of mine when theirs is taken', async () => {
    const { autosave, calls, kept, tick } = setUp();
    autosave.conflict(drawn('mine'), 7, { at: null, by: null });
    autosave.takeTheirs(7);
    await tick();
    expect(calls).toHaveLength(0);
    expect(kept.at(-1)).toBeNull();
    expect([autosave.state().kind, autosave.revision, autosave.settled]).toEqual([
      'saved',
      7,
      true,
    ]);
  });

  it('keeps what the server refuses, and sends the next change', async () => {
    const { autosave, calls, kept, tick, settle } = setUp();
    autosave.changed(drawn('a'));
    await tick();
    calls[0]?.fail(new Problem(422, 'Invalid', 'no'));
    await settle();
    expect(autosave.state().kind).toBe('refused');
    expect(kept.at(-1)?.drawing.definition.name).toBe('a');
    autosave.changed(drawn('b'));
    await tick();
    expect(calls).toHaveLength(2);
  });

  it('sends at once what waits when the page is left', async () => {
    const { autosave, calls } = setUp();
    autosave.changed(drawn('a'));
    autosave.close();
    expect(calls).toHaveLength(1);
  });
});
