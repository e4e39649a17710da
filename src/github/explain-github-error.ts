import { asSentence, RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';

interface HttpError {
  status: number;
  message: string;
  response?: { headers?: Record<string, string | number | undefined>; data?: unknown };
}

/** GitHub advises clients to wait this long if a rate-limit response names no time. */
const secondaryLimitWaitMs = 60_000;

/**
 * Converts the error of a failed request to GitHub. Returns RetryLater if the request can succeed later, or
 * RunEndedError with the reason if GitHub refuses the request. Returns any other error unchanged.
 * @param what completes "GitHub refused a request to ...", such as `open the pull request`
 */
export function explainGitHubError(error: unknown, what: string, now: Date): Error {
  if (error instanceof RetryLater || error instanceof RunEndedError) return error;
  // If our `fetch` throws, octokit throws its own error. The original error is in `cause`.
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && (cause.name === 'Fenced' || cause.name === 'RetryLater')) return cause;
  if (!isHttpError(error)) {
    if (isGraphqlError(error)) return explainGraphqlError(error, what, now);
    if (isNetworkError(error)) return new RetryLater(`GitHub could not be reached for a request to ${what}`);
    return error instanceof Error ? error : new Error(String(error));
  }
  const { status } = error;
  if (isRateLimit(error))
    return new RetryLater(`GitHub's rate limit was reached (${status})`, waitOf(error, now));
  // If a connection fails, octokit reports status 500.
  if (status >= 500)
    return new RetryLater(`GitHub answered ${status} to a request to ${what}`, waitOf(error, now, null));
  return new RunEndedError({
    kind: 'failed',
    reason: asSentence(`GitHub refused a request to ${what}: ${describe(error)}`),
  });
}

interface GraphqlError extends Error {
  errors: { type?: string; message: string }[];
  headers?: Record<string, string | number | undefined>;
}

/** Turns errors in the body of a GraphQL response into one error. The status of such a response is 200. */
function explainGraphqlError(error: GraphqlError, what: string, now: Date): Error {
  const types = error.errors.map(({ type }) => type ?? '');
  if (types.some((type) => /RATE_LIMIT/.test(type)))
    return new RetryLater(
      "GitHub's rate limit was reached (GraphQL)",
      waitOf({ response: { headers: error.headers ?? {} } }, now),
    );
  const passes = /something went wrong|couldn't respond|timed? ?out/i.test(error.message);
  if (passes || types.some((type) => /INTERNAL|SERVICE_UNAVAILABLE/.test(type)))
    return new RetryLater(`A request to ${what} failed at GitHub: ${error.message.slice(0, 200)}`);
  const said = error.errors.map(({ type, message }) => (type ? `${message} (${type})` : message)).join('; ');
  const reason = asSentence(`GitHub refused a request to ${what}: ${said.slice(0, 600)}`);
  return new RunEndedError({ kind: 'failed', reason });
}

function isGraphqlError(error: unknown): error is GraphqlError {
  return (
    error instanceof Error &&
    error.name === 'GraphqlResponseError' &&
    Array.isArray((error as { errors?: unknown }).errors)
  );
}

function describe({ status, message, response }: HttpError): string {
  const data = response?.data as { message?: unknown; errors?: unknown } | undefined;
  const said = typeof data?.message === 'string' ? data.message : message;
  const errors = Array.isArray(data?.errors) ? `: ${JSON.stringify(data.errors)}` : '';
  const hint: Record<number, string> = {
    401: '. Check that the private key belongs to the App.',
    403: ". Check the App's permissions, and that it is not suspended.",
    404: '. Check that the App is still installed on this repository.',
    410: '. What was requested was deleted, or the feature (such as issues) is turned off in this repository.',
  };
  return `${said.replace(/\.$/, '')}${errors} (${status})`.slice(0, 600) + (hint[status] ?? '');
}

/** Returns whether GitHub refused a request for good: with a 4xx that is not about a rate limit. */
export function isRefused(error: unknown): error is HttpError {
  return isHttpError(error) && error.status >= 400 && error.status < 500 && !isRateLimit(error);
}

function isRateLimit({ status, message, response }: HttpError): boolean {
  if (status !== 403) return status === 429;
  const headers = response?.headers ?? {};
  return (
    headers['retry-after'] !== undefined ||
    String(headers['x-ratelimit-remaining']) === '0' ||
    /rate limit|abuse detection/i.test(message)
  );
}

function waitOf(
  { response }: Pick<HttpError, 'response'>,
  now: Date,
  otherwise: number | null = secondaryLimitWaitMs,
): number | null {
  const headers = response?.headers ?? {};
  const seconds = Number(headers['retry-after']);
  if (Number.isFinite(seconds) && seconds >= 0) return Math.max(1000, seconds * 1000);
  const reset = Number(headers['x-ratelimit-reset']);
  if (String(headers['x-ratelimit-remaining']) === '0' && Number.isFinite(reset))
    return Math.max(1000, reset * 1000 - now.getTime());
  return otherwise;
}

function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && typeof (error as { status?: unknown }).status === 'number';
}

/** Recognizes the errors that `fetch` throws for a refused, dropped or slow connection. */
function isNetworkError(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'TimeoutError' ||
      error.name === 'AbortError' ||
      /fetch failed|ECONN|socket/i.test(error.message))
  );
}
