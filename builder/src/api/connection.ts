/** Whether the server can be reached: false from the first call without an answer until it is back. */

import { useSyncExternalStore } from 'react';

const EVERY_MS = 3_000;
const listeners = new Set<() => void>();
const returned = new Set<() => void>();
let connected = true;

/** `fetch` that notices when nothing answers, and looks until something does. */
export const watchedFetch = async (request: Request): Promise<Response> => {
  try {
    const response = await fetch(request);
    if (!connected) change(true);
    return response;
  } catch (error) {
    if (connected && !(error instanceof DOMException && error.name === 'AbortError')) lose();
    throw error;
  }
};

/** Calls `listener` each time the server is back. */
export function onReturn(listener: () => void): () => void {
  returned.add(listener);
  return () => returned.delete(listener);
}

export function useConnected(): boolean {
  return useSyncExternalStore(subscribe, () => connected);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(to: boolean): void {
  connected = to;
  for (const listener of listeners) listener();
  if (to) for (const listener of returned) listener();
}

function lose(): void {
  change(false);
  const timer = setInterval(async () => {
    if (!connected) {
      const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null);
      if (answer?.ok && !connected) change(true);
    }
    if (connected) clearInterval(timer);
  }, EVERY_MS);
}
