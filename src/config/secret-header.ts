/** Matches the names of headers whose values are credentials. */
export const secretHeader = /auth|cookie|key|secret|token|password/i;
