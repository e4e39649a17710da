import type { Answer, Json } from './answer.js';

/** An error response in GitHub's format. */
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

/** Creates the 422 response that GitHub sends when it rejects a field. */
export function validationFailed(
  resource: string,
  error: { field?: string; code: string; message?: string },
): Refusal {
  return new Refusal(422, 'Validation Failed', { errors: [{ resource, ...error }] });
}
