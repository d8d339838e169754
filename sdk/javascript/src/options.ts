import type { InAppOptions } from './in-app/types';
import type { Store } from './storage';
import type { SendingOptions } from './types';

export interface Options extends SendingOptions {
  appName?: string;
  /** Which `Application Updated` tells of when it changes. */
  appVersion?: string;
  /** Applications and sessions are tracked on their own unless this is false. */
  systemEvents?: boolean;
  /** Milliseconds without any activity that end a session. */
  sessionTimeout?: number;
  /** How in-app messages are shown; false if they are not. */
  inApp?: InAppOptions | boolean;
  /** Where things are kept; `localStorage` if not given. */
  store?: Store;
}
