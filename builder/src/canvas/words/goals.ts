/** What a workflow is for, and whom it is compared with, in words. */
import { checksWords } from '@/predicates/words';
import type { Definition } from '../model/types';
import { durationWords } from './durations';
import { listed } from './waits';

type Goal = NonNullable<Definition['goals']>[number];

/** "Purchase: “Order Paid” where total > 5, within 7 days, worth total". */
export function goalWords({ name, event, where, within, value }: Goal): string {
  const checks = checksWords(where);
  const what = `“${event || '…'}”${checks && ` where ${checks}`}`;
  return listed([
    `${name || '…'}: ${what}`,
    `within ${durationWords(within ?? 'P7D')}`,
    value ? `worth ${value}` : '',
  ]);
}

/** "10 % are held back to compare with"; empty where nobody is. */
export const controlWords = (control: Definition['control']): string =>
  control ? `${control.percent} % are held back to compare with` : '';

/** One line for the card: what it is for, and who is held back. */
export function purposeWords({ goals = [], control }: Definition): string {
  const names = goals.map(({ name }) => name || '…').join(', ');
  return [names && `For: ${names}`, control ? `${control.percent} % held back` : '']
    .filter(Boolean)
    .join(' · ');
}
