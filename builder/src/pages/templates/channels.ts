/** What a template of each channel consists of, in the words of this app. */
import {
  type Icon,
  IconApps,
  IconBell,
  IconDeviceMobileMessage,
  IconInbox,
  IconMail,
  IconWebhook,
  IconWorld,
} from '@tabler/icons-react';
import type { Model } from '@/api/client';

export type Template = Model<'TemplateAnswer'>;
export type Channel = Template['channel'];
export type Part = 'subject' | 'html' | 'mjml' | 'text' | 'title' | 'body' | 'link' | 'data';

export interface PartField {
  part: Part;
  label: string;
  hint?: string;
  /** `line`: one line; `lines`: text without markup; the others are what the editor colours. */
  kind: 'line' | 'lines' | 'html' | 'mjml' | 'json';
  required?: boolean;
}

interface ChannelKind {
  label: string;
  icon: Icon;
  parts: readonly PartField[];
  /** What a new template begins with. */
  start: Partial<Record<Exclude<Part, 'data'>, string>>;
  /** A test can be sent to an address that somebody types. */
  addressed: 'email' | 'phone' | null;
}

const SUBJECT: PartField = { part: 'subject', label: 'Subject', kind: 'line', required: true };
const HTML: PartField = { part: 'html', label: 'HTML', kind: 'html' };
const MJML: PartField = { part: 'mjml', label: 'MJML', kind: 'mjml' };
const PLAIN: PartField = {
  part: 'text',
  label: 'Plain text',
  kind: 'lines',
  hint: 'For readers without HTML. Left empty, it is made from the HTML.',
};
const LINK: PartField = { part: 'link', label: 'Link', kind: 'line' };
const DATA: PartField = {
  part: 'data',
  label: 'Data',
  kind: 'json',
  hint: 'A JSON object that goes along; every text in it is a template, too.',
};
const BODY: PartField = { part: 'body', label: 'Body', kind: 'lines', required: true };
const TITLE: PartField = { part: 'title', label: 'Title', kind: 'line' };

const PUSH = [{ ...TITLE, required: true }, BODY, LINK, DATA];
const IN_APP = [TITLE, BODY, LINK, DATA];

const FIRST_MJML = `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text font-size="20px">Hi {{ contact.first_name | default: "there" }}!</mj-text>
        <mj-text>Write your message here.</mj-text>
        <mj-button href="https://example.com">Open the app</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`;

export const CHANNELS: Record<Channel, ChannelKind> = {
  email: {
    label: 'Email',
    icon: IconMail,
    parts: [SUBJECT, MJML, HTML, PLAIN],
    start: { subject: 'Hi {{ contact.first_name | default: "there" }}', mjml: FIRST_MJML },
    addressed: 'email',
  },
  push: {
    label: 'Push',
    icon: IconBell,
    parts: PUSH,
    start: { title: 'Title', body: 'Your message' },
    addressed: null,
  },
  in_app: {
    label: 'In-app',
    icon: IconApps,
    parts: IN_APP,
    start: { body: 'Your message' },
    addressed: null,
  },
  inbox: {
    label: 'App inbox',
    icon: IconInbox,
    parts: IN_APP,
    start: { body: 'Your message' },
    addressed: null,
  },
  sms: {
    label: 'SMS',
    icon: IconDeviceMobileMessage,
    parts: [{ part: 'text', label: 'Text', kind: 'lines', required: true }],
    start: { text: 'Your message' },
    addressed: 'phone',
  },
  web_push: {
    label: 'Web push',
    icon: IconWorld,
    parts: PUSH,
    start: { title: 'Title', body: 'Your message' },
    addressed: null,
  },
  webhook: {
    label: 'Webhook',
    icon: IconWebhook,
    parts: [
      { ...LINK, label: 'Address', required: true, hint: 'Where the request goes.' },
      { part: 'body', label: 'Body', kind: 'lines' },
      DATA,
    ],
    start: { link: 'https://example.com/hook' },
    addressed: null,
  },
};

export const CHANNEL_NAMES = Object.keys(CHANNELS) as Channel[];

export const channelLabel = (name: string): string =>
  name in CHANNELS ? CHANNELS[name as Channel].label : name;
