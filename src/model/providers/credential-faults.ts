import { types } from 'node:util';
import { AnthropicError } from '@anthropic-ai/sdk';

/** Matches the codes of errors of connections, of name resolution, and of undici's own limits. */
const networkCode =
  /^(?:E(?:CONN\w+|PIPE|PROTO|TIMEDOUT|AI_AGAIN|NOTFOUND|(?:HOST|NET)UNREACH|NETDOWN|SOCKETTIMEDOUT)|UND_ERR_\w+)$/;
const timeoutName = /^(?:Timeout|Abort)Error$/;

/** Returns whether the library of a provider could not get credentials. No request was sent in this case. */
export function hasNoCredentials(error: unknown): error is AnthropicError {
  return (
    error instanceof AnthropicError &&
    /^Failed to (?:resolve AWS credentials|acquire Google OAuth credentials|get token from azureAD)/.test(
      error.message,
    )
  );
}

/**
 * Returns whether the service that gives credentials has a fault that passes: it could not be reached, or it
 * answered that it is busy or broken.
 * @param error an error for which `hasNoCredentials` returns true
 */
export function isCredentialServiceDown(error: AnthropicError): boolean {
  return causesOf(error).some((cause) => {
    if ('code' in cause && networkCode.test(String(cause.code))) return true;
    const status = statusOf(cause);
    return timeoutName.test(cause.name) || status === 429 || status >= 500;
  });
}

/** Returns the status in an error of Google's, AWS's or Azure's library; 0 if the error has none. */
function statusOf(error: Error): number {
  const { status, statusCode, $metadata } = error as {
    status?: unknown;
    statusCode?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  return Number(status ?? statusCode ?? $metadata?.httpStatusCode ?? 0);
}

/** Returns an error and its causes, the outermost first. */
export function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; isError(cause) && !causes.includes(cause); cause = cause.cause) causes.push(cause);
  return causes;
}

/** Recognizes also the errors of Node's own `fetch` in a test, where each file has its own class `Error`. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
