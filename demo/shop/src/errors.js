/**
 * A problem the client can act on. The error handler in app.js answers it as
 * `{ error: { code, message, details } }`.
 */
export class ApiError extends Error {
  /**
   * @param {400 | 404 | 409 | 422} status
   * @param {string} code machine-readable, snake_case, part of the API's contract
   * @param {string} message for people, free to change
   * @param {unknown[]} [details]
   */
  constructor(status, code, message, details = []) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.details = details;
  }

  toJSON() {
    return { error: { code: this.code, message: this.message, details: this.details } };
  }
}

/** @param {unknown} error */
export function isUniqueViolation(error) {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
