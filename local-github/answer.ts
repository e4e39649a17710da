export type Json = Record<string, unknown>;

/** An HTTP answer. A string or a buffer is sent as it is, any other body as JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}
