/** What providers are called. */

const KINDS: Readonly<Record<string, string>> = {
  smtp: 'a mail server (SMTP)',
  sendgrid: 'SendGrid',
  twilio: 'Twilio',
  fcm: 'Firebase Cloud Messaging',
  apns: 'Apple Push Notification service',
  web_push: 'Web push',
  webhook: 'Webhooks',
};

export const kindWords = (kind: string): string => KINDS[kind] ?? kind;

/** What a test goes to, by channel. */
const ADDRESSES: Readonly<Record<string, string>> = {
  email: 'Email address',
  sms: 'Phone number, with + and the country',
  push: 'Token of a device',
  web_push: 'Subscription of a browser, as JSON',
  webhook: 'Address (https://…)',
};

export const addressWords = (channel: string): string => ADDRESSES[channel] ?? 'Address';

export const OUTCOMES = {
  delivered: { label: 'Taken', color: 'teal' },
  rejected: { label: 'Refused', color: 'red' },
  failed: { label: 'Failed for now', color: 'orange' },
} as const;
