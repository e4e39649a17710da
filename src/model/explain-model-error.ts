import { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { asSentence, RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';
import { AccountRefused, bodyOf, findAccountFault } from './account-refused.js';
import { causesOf, hasNoCredentials, isCredentialServiceDown } from './providers/credential-faults.js';
import type { Credential } from './providers/provider.js';
import { isRedirect } from './providers/refuse-redirects.js';

export function isOverflow(error: unknown): boolean {
  return (
    error instanceof APIError &&
    error.status === 400 &&
    /(?:prompt|input) is too long|context window|exceed.{0,20}context/i.test(error.message)
  );
}

/**
 * Returns whether the API refused the thinking blocks of a request: because something before them changed, or
 * because their signature is not valid here, for example on another platform.
 */
export function isRefusedThinking(error: unknown): boolean {
  return error instanceof APIError && error.status === 400 && /\bthinking\b/i.test(error.message);
}

/** Returns whether the API answered that it does not have what a request needs. */
export function isUnsupported(error: unknown): error is APIError {
  return error instanceof APIError && [400, 404, 405, 422, 501].includes(error.status ?? 0);
}

/** Returns whether the API answered with an error. */
export function isRefusal(error: unknown): boolean {
  return error instanceof APIError && !(error instanceof APIConnectionError);
}

/** Returns whether a request without a response may have arrived, because its connection was open. */
export function mayHaveArrived(error: unknown): boolean {
  return !hasNoCredentials(error) && hasCode(error, /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/);
}

/** Returns whether Node ended the request. Node does this if no byte arrives for 300 seconds. */
export function isNodeTimeout(error: unknown): boolean {
  return !hasNoCredentials(error) && hasCode(error, /^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/);
}

function hasCode(error: unknown, code: RegExp): boolean {
  return causesOf(error).some((cause) => 'code' in cause && code.test(String(cause.code)));
}

/** @param credential what the API checks */
export function explainModelError(error: unknown, credential: Credential): Error {
  if (error instanceof RetryLater) return error;
  if (hasNoCredentials(error)) {
    if (isCredentialServiceDown(error))
      return new RetryLater("the service that gives the credentials for the model's API did not answer");
    const told = `${error.message} (${String(error.cause)}; check ${credential.source})`;
    return new AccountRefused("this server got no credentials for the model's API", told);
  }
  if (isRedirect(error)) {
    const told = 'Pullwright follows no redirect of the API, because it could lead to another server';
    return new AccountRefused("the model's API redirects requests", `${told} (check its base URL)`);
  }
  if (error instanceof APIConnectionError) return new RetryLater('the model could not be reached');
  if (error instanceof APIError) {
    const { status } = error;
    const { type = '' } = bodyOf(error);
    const waitMs = retryAfterMs(error.headers);
    const refused = findAccountFault(error, credential);
    if (refused) return refused;
    if (status === 429 || type === 'rate_limit_error' || type === 'throttlingException')
      return new RetryLater("the model's rate limit was reached (429)", waitMs);
    if (status === 529 || type === 'overloaded_error')
      return new RetryLater('the model is overloaded (529)', waitMs);
    // If the API reports an error in the middle of a stream, the error has no HTTP status.
    if (status === undefined || status >= 500 || status === 408 || status === 409 || status === 424)
      return new RetryLater(`the model answered with an error${status ? ` (${status})` : ''}`, waitMs);
    if (status === 403)
      return failed(
        `The model's API does not let this server's ${credential.kind} use the model (403): ${messageOf(error)}`,
      );
    if (status === 404)
      return failed(`The model's API does not know the model: ${messageOf(error).replace(/^model: /, '')}`);
    return failed(`The model's API refused the request (${status}): ${messageOf(error)}`);
  }
  // The SDK throws these errors if a stream ends in the middle of a message or is not valid JSON.
  if (
    error instanceof Error &&
    (error.name === 'AnthropicError' ||
      error instanceof SyntaxError ||
      /terminated|stream ended|premature|socket|fetch failed/i.test(error.message))
  )
    return new RetryLater("the model's reply was cut off");
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * Returns the API's own words. People read them, so they must not name the operator's account at AWS or
 * project at Google.
 */
export function messageOf(error: APIError): string {
  const words = bodyOf(error).message ?? error.message.replace(/^\d{3} /, '');
  return words
    .replace(/\barn:aws[^\s"]+/g, '[ARN]')
    .replace(/\bprojects\/[\w.:-]*\w/g, 'projects/[ID]')
    .slice(0, 300);
}

function failed(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'failed', reason: asSentence(reason) });
}

function retryAfterMs(headers: Headers | undefined): number | null {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.max(1000, seconds * 1000) : null;
}
