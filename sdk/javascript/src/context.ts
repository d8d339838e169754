import type { Options } from './options';
import type { Properties } from './types';
import { LIBRARY } from './version';

/** What is known of the page, in Segment's words. */
export function pageProperties(): Properties {
  const { pathname: path, search, href: url } = location;
  return { path, search, url, title: document.title, referrer: document.referrer };
}

/** What goes with every item: page, language, zone, and by which campaign the visitor came. */
export function contextOf(options: Options): Properties {
  const { appName: name, appVersion: version } = options;
  const campaign: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(location.search)) {
    const part = /^utm_(\w+)$/.exec(key)?.[1];
    if (part) campaign[part === 'campaign' ? 'name' : part] = value.slice(0, 500);
  }
  return {
    library: LIBRARY,
    page: pageProperties(),
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    userAgent: navigator.userAgent,
    app: name || version ? { name, version } : undefined,
    campaign: Object.keys(campaign)[0] ? campaign : undefined,
  };
}
