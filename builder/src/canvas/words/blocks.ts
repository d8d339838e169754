/** What each block does, in words, as it stands on the canvas. */
import { channelWords, checksWords, predicateWords } from '@/predicates/words';
import { share } from '../model/outputs';
import type { Block, BlockKind, BlockOf, Predicate } from '../model/types';
import { durationWords } from './durations';
import { hoursWords, listed, waitWords } from './waits';

export const KIND_LABELS: Readonly<Record<BlockKind, string>> = {
  message: 'Message',
  timer: 'Timer',
  condition: 'Condition',
  split: 'Split',
  wait_for: 'Wait for',
  best_of: 'Best of',
  first_reachable: 'First reachable',
  update: 'Update contact',
  emit: 'Record event',
  promo: 'Promo code',
  exit: 'Exit',
};

const WORDS: { [Kind in BlockKind]: (block: BlockOf<Kind>) => string } = {
  message: (block) =>
    listed([
      `Send ${channelWords(block.channel)} “${block.template || '…'}”`,
      variantWords(block),
      hoursWords(block.allowed_hours),
    ]),
  timer: (block) => waitWords(block.wait),
  condition: (block) =>
    isEmpty(block.if)
      ? 'If … (nothing to look at yet: all go on by “yes”)'
      : `If ${predicateWords(block.if)}`,
  split: (block) =>
    `Split ${block.branches.map((one) => share(one.weight, block.branches)).join(' / ')}`,
  wait_for: (block) => {
    const what = waitedWords(block);
    const where = checksWords(block.where);
    const same = block.same?.length ? `with the same ${block.same.join(', ')}` : '';
    return `${listed([`Wait for ${what}`, where && `where ${where}`, same])}, at most ${durationWords(block.timeout)}`;
  },
  best_of: (block) => {
    const from = block.tags?.length
      ? `the templates tagged ${block.tags.join(', ')}`
      : `${block.templates?.length ?? 0} templates`;
    return listed([
      `Send the best ${channelWords(block.channel)} of ${from}`,
      hoursWords(block.allowed_hours),
    ]);
  },
  first_reachable: (block) =>
    listed([
      `Send by the first of ${block.channels.map((one) => channelWords(one.channel)).join(', ') || '…'}`,
      hoursWords(block.allowed_hours),
    ]),
  update: (block) => updateWords(block),
  emit: (block) => `Record “${block.event || '…'}” for the contact`,
  promo: (block) => `Take a code from ${block.pool || '…'} as ${block.as || '…'}`,
  exit: (block) => (block.reason ? `End: ${block.reason}` : 'End the journey'),
};

function variantWords({ variants }: BlockOf<'message'>): string {
  const others = variants?.length ?? 0;
  if (others === 0) return '';
  return others === 1 ? 'or a variant of it' : `or one of ${others} variants of it`;
}

function waitedWords({ event, segment, message }: BlockOf<'wait_for'>): string {
  if (message != null) {
    const becomes = { delivered: 'delivered', opened: 'opened', clicked: 'clicked' }[message.state];
    const link = message.link ? ` at ${message.link}` : '';
    return `“${message.block || '…'}” to be ${becomes}${link}`;
  }
  return segment == null ? event || '…' : `entering segment ${segment || '…'}`;
}

const isEmpty = (predicate: Predicate): boolean => 'all' in predicate && predicate.all.length === 0;

export function blockWords(block: Block): string {
  const say = WORDS[block.kind] as ((block: Block) => string) | undefined;
  return say ? say(block) : `A block of the kind ${block.kind}`;
}

function updateWords(block: BlockOf<'update'>): string {
  const set = Object.entries(block.set ?? {}).map(([field, value]) => {
    if (value === null) return `clear ${field}`;
    if (typeof value !== 'object' || Array.isArray(value)) {
      return `set ${field} to ${Array.isArray(value) ? value.join(', ') : value}`;
    }
    if ('+' in value) return `add ${numberWords(value['+'])} to ${field}`;
    if ('-' in value) return `take ${numberWords(value['-'])} from ${field}`;
    return `set ${field} to the event’s ${value.param}`;
  });
  const parts = [
    ...set,
    ...(block.unset ?? []).map((field) => `clear ${field}`),
    ...(block.add_to ?? []).map((list) => `put on list ${list}`),
    ...(block.remove_from ?? []).map((list) => `take off list ${list}`),
  ];
  const said = parts.join(', ');
  return said ? said.charAt(0).toUpperCase() + said.slice(1) : 'Change nothing yet';
}

const numberWords = (value: number | { param: string }): string =>
  typeof value === 'number' ? String(value) : `the event’s ${value.param}`;
