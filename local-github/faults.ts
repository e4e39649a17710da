import type { Answer } from './parts.js';

/** Which requests: an operation id such as `pulls/create`, `graphql`, `git/receive-pack`, or method and path. */
export type FaultMatch = string | { method?: string; path?: string | RegExp };

export interface Fault {
  /** Of the answer in place of the true one; left out together with `cut`. */
  status?: number;
  headers?: Record<string, string>;
  /** Default: GitHub's own words for that status. */
  body?: unknown;
  /** How many requests, 1 when left out. */
  times?: number;
  /** GitHub does the thing, and only then fails to say so. */
  afterEffect?: boolean;
  /** The connection ends without an answer. */
  cut?: boolean;
  /**
   * The request waits for this before GitHub looks at it or, with `afterEffect` and at the API, behind that; without a status it is
   * then answered truly.
   */
  held?: () => Promise<void>;
}

/** A request as it came in; `operation` is null for what GitHub does not know. */
export interface SeenRequest {
  method: string;
  path: string;
  operation: string | null;
}

/** Faults that a test asked for, each used up by the requests that it matches. */
export class Faults {
  /** Asked about every request that no other fault is for; null: the request is answered truly. */
  decide: (request: SeenRequest) => Fault | null = () => null;
  private readonly waiting: { match: FaultMatch; fault: Fault; left: number }[] = [];

  failNext(match: FaultMatch, fault: Fault): void {
    if (fault.status === undefined && !fault.cut && !fault.held)
      throw new Error('local GitHub: a fault needs a status, `cut: true`, or something to wait for');
    this.waiting.push({ match, fault, left: fault.times ?? 1 });
  }

  /** Drops what was not used. */
  clear(): void {
    this.waiting.length = 0;
  }

  take(method: string, path: string, operation: string | null): Fault | null {
    const found = this.waiting.find(({ match, left }) => left > 0 && matches(match, method, path, operation));
    if (!found) return null;
    found.left -= 1;
    return found.fault;
  }
}

export function answerOf(fault: Fault): Answer {
  const status = fault.status ?? 500;
  return { status, headers: fault.headers ?? {}, body: fault.body ?? defaultBody(status) };
}

function matches(match: FaultMatch, method: string, path: string, operation: string | null): boolean {
  if (typeof match === 'string') return match === operation;
  if (match.method && match.method.toUpperCase() !== method) return false;
  return (
    match.path === undefined || (typeof match.path === 'string' ? match.path === path : match.path.test(path))
  );
}

function defaultBody(status: number): unknown {
  const words: Record<number, string> = {
    401: 'Bad credentials',
    403: 'Resource not accessible by integration',
    404: 'Not Found',
    410: 'This issue was deleted',
    422: 'Validation Failed',
    429: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  };
  if (status >= 500)
    return '<html><body><h1>Whoa there!</h1>The server could not answer in time.</body></html>';
  return {
    message: words[status] ?? 'Server Error',
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  };
}
