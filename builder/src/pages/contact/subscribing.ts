/** What was said of subscriptions, in words and as the API takes it. */
import { channelWords } from '@/predicates/words';

const SOURCES: Readonly<Record<string, string>> = {
  api: 'Said by the API',
  import: 'Said by an import',
  one_click: 'Unsubscribed by one click',
  preferences: 'Said by the contact',
};

export const sourceWords = (source: string | null): string => SOURCES[source ?? ''] ?? 'Said';

const REASONS: Readonly<Record<string, string>> = {
  bounce: 'the address does not exist',
  complaint: 'the contact complained of a message',
  manual: 'somebody put it on the list of suppressed addresses',
};

/** "No email is sent: the address does not exist." */
export const suppressedWords = (channel: string, reason: string): string =>
  `No ${channelWords(channel)} is sent: ${REASONS[reason] ?? reason}.`;

/** One topic on one channel; the others stay. */
export const changeOf = (topic: string, channel: string, subscribed: boolean) => ({
  topics: { [topic]: { [channel]: subscribed } },
});
