import type { Person } from './identity';

/** What the service worker must know to tell of pushes; it cannot read `localStorage`. */
export interface WorkerSettings {
  host: string;
  writeKey: string;
  person: Person;
}

const CACHE = 'sojourn';
const ADDRESS = '/sojourn-settings';

export async function keepForWorker(settings: WorkerSettings | null): Promise<void> {
  // Not on pages that are not served securely; those have no service workers either.
  if (!globalThis.caches) return;
  if (!settings) await caches.delete(CACHE);
  else await (await caches.open(CACHE)).put(ADDRESS, new Response(JSON.stringify(settings)));
}

export async function settingsOfWorker(): Promise<WorkerSettings | null> {
  const kept = await (await caches.open(CACHE)).match(ADDRESS);
  return kept ? kept.json() : null;
}
