export type Json = Record<string, unknown>;

/** An HTTP response. A string or a buffer is sent unchanged. Any other body is sent as JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}
