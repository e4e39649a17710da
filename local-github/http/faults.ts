import type { Answer } from '../answer.js';

/**
 * Selects requests by GitHub's operation id (or `graphql`, `git/receive-pack` ...), or by method and path.
 */
export type FaultMatch = string | { method?: string; path?: string | RegExp };

/** How a request fails. */
export interface Fault {
  /** The status of the answer that replaces the true one. Omit it together with `cut` or `held`. */
  status?: number;
  headers?: Record<string, string>;
  /** Default: the body that GitHub sends with that status. */
  body?: unknown;
  /** How many requests fail. Default: 1. */
  times?: number;
  /** The request takes effect first; only its answer is replaced. */
  afterEffect?: boolean;
  /** The connection ends without an answer. */
  cut?: boolean;
  /**
   * The request waits for this promise. It waits before it takes effect or, with `afterEffect`, between the
   * effect and the answer. Git requests can only wait before. Without a status, the answer is then the true
   * one.
   */
  held?: () => Promise<void>;
}

/** A fault and the requests that it applies to. */
export interface RequestedFault extends Fault {
  /**
   * GitHub's operation id, such as `pulls/create`, or `graphql`, `git/refs`, `git/upload-pack`,
   * `git/receive-pack`.
   */
  operation?: string;
  method?: string;
  path?: string | RegExp;
}

/** An incoming request. `operation` is null when GitHub has no such operation. */
export interface SeenRequest {
  method: string;
  path: string;
  operation: string | null;
}

/** The faults that a test asked for. Each one ends after `times` requests. */
export class Faults {
  /** Decides about every request that no other fault matches; null gives the true answer. */
  decide: (request: SeenRequest) => Fault | null = () => null;
  private readonly waiting: { match: FaultMatch; fault: Fault; left: number }[] = [];

  failNext(match: FaultMatch, fault: Fault): void {
    if (fault.status === undefined && !fault.cut && !fault.held)
      throw new Error('local GitHub: expected a fault with `status`, `cut: true` or `held`');
    this.waiting.push({ match, fault, left: fault.times ?? 1 });
  }

  /**
   * @returns a promise for the arrival of the next request that matches, and a function that lets it go on
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

  /** Uses up one request of the first fault that matches. @returns null when none does */
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
