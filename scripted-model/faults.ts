import { z } from 'zod';

/**
 * A simulated failure of the model. It has an effect only if `status`, `cut`, `silent`, `errorEvent` or
 * `truncateInput` is set.
 */
export const Fault = z.strictObject({
  /** A text that the first message of the conversation must contain. Default: any conversation. */
  when: z.string().optional(),
  /** Number of the turn that fails. The first turn has the number 1. Default: any turn. */
  turn: z.number().int().positive().optional(),
  /** Number of requests that fail. Default: 1. */
  times: z.number().int().positive().optional(),
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
  take(firstText: string, turn: number): Fault | undefined {
    const fault = this.waiting.find(
      (one) =>
        (one.when === undefined || firstText.includes(one.when)) &&
        (one.turn === undefined || one.turn === turn),
    );
    if (!fault) return undefined;
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) this.waiting.splice(this.waiting.indexOf(fault), 1);
    return fault;
  }
}

/** The API's documented error types, by HTTP status. */
const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** Returns the body of an error response in the API's format. */
export function errorBody(status: number, message: string): string {
  const type = errorTypes[status] ?? 'api_error';
  return JSON.stringify({ type: 'error', error: { type, message } });
}
