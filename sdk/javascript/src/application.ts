import { load, type Store, save } from './storage';
import type { Properties } from './types';

/**
 * Tells that the app was installed (its first start in this browser), updated, and opened (once a tab).
 */
export function tellApplication(
  store: Store,
  version: string | undefined,
  tell: (name: string, properties: Properties) => void,
): void {
  const kept = load<{ version?: string }>(store, 'app');
  if (!kept) tell('Application Installed', { version });
  else if (version && kept.version !== version)
    tell('Application Updated', { version, previous_version: kept.version });
  if (!kept || version) save(store, 'app', { version });
  if (isNewTab()) tell('Application Opened', { version, url: location.href });
}

function isNewTab(): boolean {
  const key = 'sojourn:opened';
  try {
    if (sessionStorage.getItem(key)) return false;
    sessionStorage.setItem(key, '1');
  } catch {}
  return true;
}
