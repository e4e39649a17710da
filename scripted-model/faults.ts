import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { type ApiError, messageOf, type NamedError, namedErrors, sendError } from './errors.js';

const errorNames = Object.keys(namedErrors) as [NamedError, ...NamedError[]];

/**
 * A simulated failure of the model. It has an effect only if `error`, `status`, `cut`, `silent`, `errorEvent`
 * or `truncateInput` is set.
 */
export const Fault = z.strictObject({
  /** A text that the first message of the conversation must contain. Default: any conversation. */
  when: z.string().optional(),
  /** Number of the turn that fails. The first turn has the number 1. Default: any turn. */
  turn: z.number().int().positive().optional(),
  /** Number of requests that fail. Default: 1. */
  times: z.number().int().positive().optional(),
  /** Which requests fail. Default: `messages`. */
  endpoint: z.enum(['messages', 'count_tokens', 'models']).optional(),
  /** Name of an error response of the API. */
  error: z.enum(errorNames).optional(),
  /**
   * HTTP status of an error response. Without `body`, the response contains the API's error body for this
   * status.
   */
  status: z.number().int().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  /** Whether to close the connection in the middle of the stream. */
  cut: z.boolean().optional(),
  /** Whether to stop sending in the middle of the stream and keep the connection open. */
  silent: z.boolean().optional(),
  /** Type of an `error` event to send in the middle of the stream. */
  errorEvent: z.string().optional(),
  /**
   * Whether to send tool calls with the input `{}`, as if the stream had stopped in the middle of the input.
   */
  truncateInput: z.boolean().optional(),
});
export type Fault = z.infer<typeof Fault>;

/**
 * The simulated failures that a test or a conversation file has requested. Each one applies to `times`
 * requests.
 */
export class Faults {
  private readonly waiting: Fault[] = [];

  add(fault: Fault): void {
    this.waiting.push({ ...fault });
  }

  /** Finds the first simulated failure for this turn and reduces its `times` by one. */
  take(endpoint: NonNullable<Fault['endpoint']>, text = '', turn = 0): Fault | undefined {
    const fault = this.waiting.find(
      (one) =>
        (one.endpoint ?? 'messages') === endpoint &&
        (one.when === undefined || text.includes(one.when)) &&
        (one.turn === undefined || one.turn === turn),
    );
    if (!fault) return undefined;
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) this.waiting.splice(this.waiting.indexOf(fault), 1);
    return fault;
  }
}

/**
 * Sends the error response of a simulated failure.
 * @returns whether the failure has one
 */
export function sendFault(response: ServerResponse, fault: Fault | undefined): boolean {
  const { error, status, headers, body } = fault ?? {};
  if (!error && !status) return false;
  const answer: ApiError = error
    ? namedErrors[error]
    : { status: status ?? 500, message: messageOf(status ?? 500) };
  const retryAfter = error === 'rate-limit' && { 'retry-after': '1' };
  sendError(response, answer, { headers: { ...retryAfter, ...headers }, body });
  return true;
}
