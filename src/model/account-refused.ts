import type { APIError } from '@anthropic-ai/sdk';
import { RetryLater } from '../runs/retry-later.js';
import type { Credential } from './providers/provider.js';

/** The wait for the operator ends earlier if the API accepts requests again. */
const waitMs = 600_000;

/**
 * Thrown if the API refuses every request of this server until the operator does something. No run is to
 * blame for that, so runs wait as long as it takes.
 */
export class AccountRefused extends RetryLater {
  constructor(
    reason: string,
    /** What the API said, for the operator's log. */
    readonly apiMessage = '',
  ) {
    super(reason, waitMs, true);
  }
}

/**
 * Returns what an error says about the account; null if it is about something else.
 * @param credential what the API checks
 */
export function findAccountFault(error: APIError, credential: Credential): AccountRefused | null {
  const { kind, source, wrongCredential } = credential;
  const { status } = error;
  const { type, message = error.message, details } = bodyOf(error);
  const refused = (reason: string) =>
    new AccountRefused(reason, `${message.slice(0, 300)} (check ${source})`);
  // An error in the middle of a stream has a type, but no status.
  if (status === 401 || type === 'authentication_error' || (status === 403 && wrongCredential?.test(message)))
    return refused(`the model's API does not accept this server's ${kind} (${status ?? 401})`);
  if (status === 402 || type === 'billing_error')
    return refused(`the model's API reports a billing problem of this server's account (${status ?? 402})`);
  // Both errors also occur with status 400, and then have no code.
  if (/credit balance is too low/i.test(message))
    return refused("this server's account at the model's API has no credit left");
  if (details?.error_code === 'enforced_spend_limit_reached' || /reached your .*usage limits/i.test(message))
    return refused("this server's account at the model's API has reached its spending limit");
  return null;
}

interface ErrorBody {
  type?: string;
  message?: string;
  details?: { error_code?: string } | null;
}

export function bodyOf(error: APIError): ErrorBody {
  return (error.error as { error?: ErrorBody } | undefined)?.error ?? {};
}
