export const FIRST_MS = 1000;
export const LONGEST_MS = 5 * 60_000;

/** How long to wait after so many failures in a row: doubling, and somewhere in its upper half. */
export function backoff(failures: number, random = Math.random()): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS) * (0.5 + random / 2);
}

/** What a `Retry-After` header asks for, in milliseconds, or 0; never more than an hour. */
export function retryAfter(header: string | null, now = Date.now()): number {
  const asked = Number(header) * 1000 || Date.parse(header ?? '') - now;
  return Math.min(Math.max(asked || 0, 0), 3_600_000);
}
