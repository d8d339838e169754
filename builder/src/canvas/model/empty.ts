/** Blocks, starts and stops as they are before anybody filled them in. */
import type { Block, BlockKind, Definition, Start, StartKind, Stop, StopKind } from './types';

const BLOCKS: { [Kind in BlockKind]: (id: string) => Extract<Block, { kind: Kind }> } = {
  message: (id) => ({ id, kind: 'message', channel: 'email', template: '' }),
  timer: (id) => ({ id, kind: 'timer', wait: { for: 'P1D' } }),
  condition: (id) => ({ id, kind: 'condition', if: { all: [] } }),
  split: (id) => ({ id, kind: 'split', branches: [{ weight: 50 }, { weight: 50 }] }),
  wait_for: (id) => ({ id, kind: 'wait_for', event: '', timeout: 'P1D' }),
  best_of: (id) => ({ id, kind: 'best_of', channel: 'email', templates: [] }),
  first_reachable: (id) => ({
    id,
    kind: 'first_reachable',
    channels: [
      { channel: 'push', template: '' },
      { channel: 'email', template: '' },
    ],
  }),
  update: (id) => ({ id, kind: 'update', set: {} }),
  emit: (id) => ({ id, kind: 'emit', event: '' }),
  promo: (id) => ({ id, kind: 'promo', pool: '', as: 'promo_code' }),
  exit: (id) => ({ id, kind: 'exit' }),
};

export const emptyBlock = (kind: BlockKind, id: string): Block => BLOCKS[kind](id);

/** A new start; what all kinds have in common is kept. */
export function emptyStart(kind: StartKind, before?: Start): Start {
  const common = {
    ...(before?.reentry && { reentry: before.reentry }),
    ...(before?.overlap && { overlap: before.overlap }),
  };
  switch (kind) {
    case 'event':
      return { kind, event: '', ...common };
    case 'field_change':
      return { kind, field: '', ...common };
    case 'segment':
      return { kind, segment: '', schedule: 'entry', ...common };
    case 'event_for_segment':
      return { kind, event: '', segment: '', ...common };
  }
}

export function emptyStop(kind: StopKind): Stop {
  switch (kind) {
    case 'event':
      return { kind, events: [] };
    case 'segment':
      return { kind, segment: '' };
    case 'order':
      return { kind, status: ['delivered'] };
  }
}

export function emptyDefinition(name: string): Definition {
  return { name, start: { kind: 'event', event: '' }, stop: [], blocks: [] };
}
