import { retryAfter } from './backoff';

/** What the API said to a request, as far as the sender goes by it. */
export type Verdict =
  /** Taken, but for these items of a batch. */
  | { kind: 'taken'; rejected: { index: number; reason: string }[] }
  /** It will never be taken as it is. */
  | { kind: 'refused'; reason: string }
  /** Worth another try, after so many milliseconds at least. */
  | { kind: 'later'; reason: string; after: number };

interface Answer {
  rejected?: { index: number; reason: string }[];
  detail?: string;
  title?: string;
}

const TIMEOUT_MS = 30_000;

/** Posts to the API. The key travels in the body, as text, so that browsers ask no leave beforehand. */
export class Transport {
  constructor(
    readonly host: string,
    readonly writeKey: string,
    private readonly call: typeof fetch = (...args) => fetch(...args),
  ) {}

  async post(path: string, body: object, keepalive = false): Promise<Verdict> {
    let response: Response;
    try {
      response = await this.call(`${this.host}/v1/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'text/plain' },
        body: this.written(body),
        keepalive,
        signal: keepalive ? undefined : AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      return { kind: 'later', reason: String(error), after: 0 };
    }
    const answer: Answer = await response.json().catch(() => ({}));
    const { status } = response;
    if (response.ok || answer.rejected) return { kind: 'taken', rejected: answer.rejected ?? [] };
    const reason = `${status} ${answer.detail ?? answer.title ?? response.statusText}`;
    // A body that will never do; all else (a wrong key, a limit, an outage) can be set right elsewhere.
    const about = path === 'batch' ? [] : [403, 404, 410];
    if ([400, 409, 413, 415, 422, ...about].includes(status)) return { kind: 'refused', reason };
    return { kind: 'later', reason, after: retryAfter(response.headers.get('Retry-After')) };
  }

  get(path: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    const authorization = `Bearer ${this.writeKey}`;
    return this.call(`${this.host}/v1/${path}`, {
      headers: { ...headers, Authorization: authorization },
      signal,
    });
  }

  written(body: object): string {
    return JSON.stringify({ ...body, sentAt: new Date().toISOString(), writeKey: this.writeKey });
  }
}
