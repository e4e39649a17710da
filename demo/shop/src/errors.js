/**
 * An error that the client can act on. The error handler in app.js sends it as
 * `{ error: { code, message, details } }`.
 */
export class ApiError extends Error {
  /**
   * @param {400 | 404 | 409 | 422} status
   * @param {string} code machine-readable, in snake_case; part of the API's contract
   * @param {string} message for people; can change at any time
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
