/** What the API says when it cannot do something (RFC 9457), and faults of the network alike. */

export interface ProblemIssue {
  path: string;
  message: string;
}

export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** The HTTP status; 0 when no answer came at all. */
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly issues: readonly ProblemIssue[] = [],
    /** All that the document says beyond that. */
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  /** No answer came: the network or the server is away, and the same call may be repeated. */
  get offline(): boolean {
    return this.status === 0;
  }

  /** The same call may succeed in a moment. */
  get passing(): boolean {
    return this.offline || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

const UNREACHABLE = new Problem(
  0,
  'No connection',
  'Sojourn cannot be reached at the moment. Check your connection; this goes on by itself when it is back.',
);

/** Any error as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return UNREACHABLE;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem(500, 'Something went wrong in this page', detail);
}

/** The problem of an answer that is none of success: its body as parsed, or what its status says. */
export function problemOf(
  status: number,
  body: unknown,
  retryAfter: string | null = null,
): Problem {
  if (typeof body !== 'object' || body === null || !('detail' in body)) {
    return new Problem(status, `Error ${status}`, `The server answered with status ${status}.`);
  }
  const { title, detail, errors, ...extra } = body as Record<string, unknown>;
  return new Problem(
    status,
    typeof title === 'string' ? title : `Error ${status}`,
    String(detail),
    Array.isArray(errors) ? errors.filter(isIssue) : [],
    retryAfter === null ? extra : { ...extra, retryAfter: Number(retryAfter) },
  );
}

function isIssue(value: unknown): value is ProblemIssue {
  return typeof value === 'object' && value !== null && 'path' in value && 'message' in value;
}
