/** Every kind of block: what it is called, how it looks, and where the palette has it. */
import {
  type Icon,
  IconArrowsSplit,
  IconBolt,
  IconClock,
  IconDoorExit,
  IconGitBranch,
  IconHourglass,
  IconMail,
  IconStairs,
  IconTicket,
  IconTrophy,
  IconUserEdit,
} from '@tabler/icons-react';
import type { BlockKind } from '../model/types';
import { KIND_LABELS } from '../words/blocks';

export interface BlockType {
  readonly kind: BlockKind;
  readonly label: string;
  readonly hint: string;
  readonly icon: Icon;
  /** A colour of the theme. */
  readonly tone: string;
}

export const PALETTE: readonly { title: string; kinds: readonly BlockKind[] }[] = [
  { title: 'Send', kinds: ['message', 'first_reachable', 'best_of'] },
  { title: 'Wait', kinds: ['timer', 'wait_for'] },
  { title: 'Decide', kinds: ['condition', 'split'] },
  { title: 'Do', kinds: ['update', 'emit', 'promo'] },
  { title: 'End', kinds: ['exit'] },
];

const type = (kind: BlockKind, icon: Icon, tone: string, hint: string): BlockType => ({
  kind,
  label: KIND_LABELS[kind],
  icon,
  tone,
  hint,
});

export const BLOCK_TYPES: Readonly<Record<BlockKind, BlockType>> = {
  message: type('message', IconMail, 'blue', 'Send one message'),
  first_reachable: type(
    'first_reachable',
    IconStairs,
    'blue',
    'Send by the first channel that reaches the contact',
  ),
  best_of: type(
    'best_of',
    IconTrophy,
    'blue',
    'Send one of several messages, more and more the best',
  ),
  timer: type('timer', IconClock, 'yellow', 'Wait for a time, a date or an hour of the day'),
  wait_for: type(
    'wait_for',
    IconHourglass,
    'yellow',
    'Wait for something to happen, or a time to pass',
  ),
  condition: type('condition', IconGitBranch, 'grape', 'Go one way or the other'),
  split: type('split', IconArrowsSplit, 'grape', 'Share the contacts out by chance'),
  update: type('update', IconUserEdit, 'teal', 'Change fields and lists of the contact'),
  emit: type('emit', IconBolt, 'teal', 'Record an event of the contact'),
  promo: type('promo', IconTicket, 'teal', 'Take a code from a pool'),
  exit: type('exit', IconDoorExit, 'gray', 'End the journey'),
};

const UNKNOWN: BlockType = {
  kind: 'exit',
  label: 'Unknown block',
  hint: 'This page does not know this block. Reload it: a newer version may be installed.',
  icon: IconBolt,
  tone: 'gray',
};

export const blockType = (kind: string): BlockType =>
  (BLOCK_TYPES as Readonly<Record<string, BlockType>>)[kind] ?? UNKNOWN;
