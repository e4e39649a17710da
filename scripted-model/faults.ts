import { z } from 'zod';

/** A failure that replaces a reply. A fault that sets none of the failures has no effect. */
export const Fault = z.strictObject({
  /** A text in the first message of the conversation that fails. Default: any conversation. */
  when: z.string().optional(),
  /** The turn that fails, from 1. Default: the next one. */
  turn: z.number().int().positive().optional(),
  /** How many requests fail. Default: 1. */
  times: z.number().int().positive().optional(),
  /** Answers with this HTTP status and the API's error body for it. */
  status: z.number().int().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  /** Cuts the connection in the middle of the stream. */
  cut: z.boolean().optional(),
  /** Sends nothing more in the middle of the stream, and keeps the connection open. */
  silent: z.boolean().optional(),
  /** Sends an `error` event of this type in the middle of the stream. */
  errorEvent: z.string().optional(),
  /** Sends the tool calls with the input `{}`, as a stream does that was cut inside the input. */
  truncateInput: z.boolean().optional(),
});
export type Fault = z.infer<typeof Fault>;

/** The faults that a test or a conversation file asked for. Each one ends after `times` requests. */
export class Faults {
  private readonly waiting: Fault[] = [];

  add(fault: Fault): void {
    this.waiting.push({ ...fault });
  }

  /** Uses up one request of the first fault that is meant for this turn. */
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

/** The error types that the API documents for its statuses. */
const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** @returns the body of an error answer, as the API sends it */
export function errorBody(status: number, message: string): string {
  const type = errorTypes[status] ?? 'api_error';
  return JSON.stringify({ type: 'error', error: { type, message } });
}
