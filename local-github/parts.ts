import type { Deliveries } from './deliveries.js';
import type { App, State } from './state.js';
import type { Tokens } from './tokens.js';

/** What the pieces of the local GitHub share. */
export interface Parts {
  /** `http://127.0.0.1:<port>`. */
  web: string;
  /** `<web>/api/v3`. */
  api: string;
  app: App;
  state: State;
  tokens: Tokens;
  deliveries: Deliveries;
  clock: () => Date;
  /** What no GitHub would accept or say; tests assert that it stays empty. */
  violations: string[];
}

export type Json = Record<string, unknown>;

/** What is sent back. A `body` that is a string goes out as it is, anything else as JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A request that GitHub turns down, in GitHub's shape. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly more: Json = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }

  get answer(): Answer {
    return {
      status: this.status,
      headers: this.headers,
      body: {
        message: this.message,
        ...this.more,
        documentation_url: 'https://docs.github.com/rest',
        status: String(this.status),
      },
    };
  }
}

/** 422 as GitHub words it. */
export function invalid(
  resource: string,
  error: { field?: string; code: string; message?: string },
): Refusal {
  return new Refusal(422, 'Validation Failed', { errors: [{ resource, ...error }] });
}
