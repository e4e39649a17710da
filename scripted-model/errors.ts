import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** An error response of the API. */
export interface ApiError {
  status: number;
  message: string;
  /** The value of `error.details.error_code`, if the API documents one for this error. */
  code?: string;
  /**
   * Whether the API refuses the request because the client built it wrongly. The scripted model then also
   * records a violation.
   */
  isViolation?: boolean;
}

/** The API's documented error types, by HTTP status. */
const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** Errors that concern the account or the API, not the request. A script or a test names them. */
export const namedErrors = {
  'invalid-key': { status: 401, message: 'invalid x-api-key' },
  billing: {
    status: 402,
    message: "There's an issue with your billing or payment information. Check your payment details.",
  },
  'no-credit': {
    status: 400,
    message:
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or ' +
      'purchase credits.',
  },
  'own-spend-limit': {
    status: 400,
    message:
      'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
  },
  'spend-limit': {
    status: 429,
    code: 'enforced_spend_limit_reached',
    message:
      'You have reached your API usage limits: your organization has crossed its monthly API usage threshold, ' +
      "set based on your organization's API tier. You will regain access on 2026-12-01 at 00:00 UTC.",
  },
  permission: {
    status: 403,
    message: 'Your API key does not have permission to use the specified resource.',
  },
  'too-large': { status: 413, message: 'Request exceeds the maximum size' },
  'rate-limit': {
    status: 429,
    message: 'Number of request tokens has exceeded your per-minute rate limit.',
  },
  internal: { status: 500, message: 'Internal server error' },
  timeout: { status: 504, message: 'Request timed out' },
  overloaded: { status: 529, message: 'Overloaded' },
} as const satisfies Record<string, ApiError>;
export type NamedError = keyof typeof namedErrors;

/** Returns a message that the API uses for this status. */
export function messageOf(status: number): string {
  const found = Object.values(namedErrors).find((error) => error.status === status && !('code' in error));
  return found?.message ?? 'scripted fault';
}

export function refusal(message: string, code?: string): ApiError {
  return { status: 400, message, isViolation: true, ...(code && { code }) };
}

/** Returns the body of an error, as a response or an event of a stream has it. */
export function errorBody({ status, message, code }: ApiError, requestId: string, type?: string): string {
  const error = {
    type: type ?? errorTypes[status] ?? 'api_error',
    message,
    ...(code && { details: { error_code: code } }),
  };
  return JSON.stringify({ type: 'error', error, request_id: requestId });
}

export function createRequestId(): string {
  return `req_011C${randomBytes(15).toString('base64url').replace(/[-_]/g, 'a')}`;
}

export function sendError(
  response: ServerResponse,
  error: ApiError,
  { headers = {}, body }: { headers?: OutgoingHttpHeaders | undefined; body?: string | undefined } = {},
): void {
  const requestId = String(response.getHeader('request-id'));
  response.writeHead(error.status, { 'content-type': 'application/json', ...headers });
  response.end(body ?? errorBody(error, requestId));
}
