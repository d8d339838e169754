import type { Properties } from '../types';

export interface Check {
  param: string;
  op: string;
  value?: unknown;
}

export interface Button {
  label: string;
  link?: string | null;
  event?: string | null;
  properties?: Properties;
}

/** An in-app message, as `GET /v1/in-app` gives it. */
export interface Message {
  id: string;
  created_at?: string;
  expires_at?: string | null;
  layout: 'banner' | 'modal' | 'fullscreen';
  title?: string | null;
  body?: string | null;
  image?: string | null;
  link?: string | null;
  buttons?: Button[];
  trigger?: {
    on: 'session_start' | 'time_in_app' | 'event';
    seconds?: number | null;
    event?: string | null;
    where?: Check[];
  };
  /** `once`, `session`, or a duration, whose seconds are in `every`. */
  frequency?: string;
  every?: number | null;
  data?: Properties;
  seen_at?: string | null;
}

export interface Actions {
  /** The message, or its n-th button, was clicked. Tells the API, and records the button's event. */
  clicked(button?: number): void;
  dismissed(): void;
}

/** Shows a message; answers how to take it away. */
export type Render = (message: Message, actions: Actions) => (() => void) | undefined;

export interface InAppOptions {
  /** Shows messages in place of the SDK's own dialogs. */
  render?: Render;
  /** Whether this message may be shown now; others wait for the next occasion. */
  allow?: (message: Message) => boolean;
  /** Schemes of links beside http, https, mailto, tel and sms, such as `myapp`. */
  linkSchemes?: string[];
  /** What the close button is called to those who do not see it. */
  closeLabel?: string;
  /** Messages arrive while the page is open unless this is false. */
  live?: boolean;
  /** Told how many messages of the app's inbox are unread. */
  onInbox?: (unread: number) => void;
}
