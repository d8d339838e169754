/** How often a contact may begin, in whole sentences, as a colleague would explain it. */
import type { Reentry, Start } from '../model/types';
import { durationWords } from './durations';

/** "A contact begins each time … While one of its journeys runs, …" */
export function entryWords(start: Start): string {
  const reentry: Reentry = start.reentry ?? {};
  const per = reentry.key?.length ? ` for each ${reentry.key.join(' and ')}` : '';
  const same = reentry.key?.length ? ` of the same ${reentry.key.join(' and ')}` : ' of it';
  return `${often(reentry, per)} ${meanwhile(start.overlap ?? 'skip', same)}`;
}

function often(reentry: Reentry, per: string): string {
  switch (reentry.mode ?? 'always') {
    case 'once':
      return `A contact begins once${per}, and never again.`;
    case 'after': {
      const pause = durationWords(reentry.after ?? '');
      return `A contact that began${per} may begin again after ${pause}; what happens before that is let pass.`;
    }
    case 'always':
      return 'A contact may begin each time that it happens.';
  }
}

function meanwhile(overlap: NonNullable<Start['overlap']>, same: string): string {
  const running = `While a journey${same} is running`;
  switch (overlap) {
    case 'skip':
      return `${running}, no other begins.`;
    case 'parallel':
      return `${running}, another begins beside it: messages of both are sent.`;
    case 'restart':
      return `${running}, it is ended, and the new one begins at the first block.`;
  }
}
