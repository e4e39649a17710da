import type { Answer } from '../answer.js';

/**
 * Selects requests. A string is GitHub's operation id, `graphql`, or a git operation such as
 * `git/receive-pack`. An object selects by method and path.
 */
export type FaultMatch = string | { method?: string; path?: string | RegExp };

/** A simulated failure or delay of a request. */
export interface Fault {
  /** Status of the response that replaces the normal response. Optional if `cut` or `held` is set. */
  status?: number;
  headers?: Record<string, string>;
  /** Body of the response. Default: the body that GitHub sends with this status. */
  body?: unknown;
  /** How many requests fail. Default: 1. */
  times?: number;
  /** If true, the request takes effect, and only its response is replaced. */
  afterEffect?: boolean;
  /** If true, the connection closes without a response. */
  cut?: boolean;
  /**
   * Delays the request until the returned promise resolves. After the delay, the client gets the normal
   * response, or the failure that `status` or `cut` describes. With `afterEffect`, the request takes effect
   * at once, and only its response is delayed. For git requests, `held` does not work together with
   * `afterEffect`.
   */
  held?: () => Promise<void>;
}

/** A simulated failure, and the requests that it applies to. */
export interface RequestedFault extends Fault {
  /**
   * GitHub's operation id, such as `pulls/create`. Other possible values are `graphql`, `git/refs`,
   * `git/upload-pack` and `git/receive-pack`.
   */
  operation?: string;
  method?: string;
  path?: string | RegExp;
}

/** An incoming request. `operation` is null when the request belongs to no known operation. */
export interface SeenRequest {
  method: string;
  path: string;
  operation: string | null;
}

/** The simulated failures that a test has requested. Each one applies to `times` requests. */
export class Faults {
  /**
   * Called for each request that matches no fault from `failNext`. Decides whether and how the request fails.
   * If the result is null, the client gets the normal response.
   */
  decide: (request: SeenRequest) => Fault | null = () => null;
  private readonly waiting: { match: FaultMatch; fault: Fault; left: number }[] = [];

  failNext(match: FaultMatch, fault: Fault): void {
    if (fault.status === undefined && !fault.cut && !fault.held)
      throw new Error('local GitHub: expected a fault with `status`, `cut: true` or `held`');
    this.waiting.push({ match, fault, left: fault.times ?? 1 });
  }

  /**
   * Delays the next request that matches.
   * @returns `reached`, which resolves when the request has arrived, and `release`, which ends the delay
   */
  hold(match: FaultMatch, afterEffect: boolean): { reached: Promise<void>; release(): void } {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      const held = () => {
        resolve();
        return released;
      };
      this.failNext(match, { held, afterEffect });
    });
    return { reached, release };
  }

  /**
   * Finds the first fault that matches a request, and counts the request against the fault's `times`.
   * @returns null when no fault matches
   */
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
  const messages: Record<number, string> = {
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
    message: messages[status] ?? 'Server Error',
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  };
}
