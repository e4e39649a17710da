import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino';

/**
 * The log of this process, with these levels. `error`: a run failed, Pullwright has a fault, or the operator
 * must act. `warn`: something must wait, and Pullwright handles it without help. `info`: a normal event, such
 * as a finished step. `debug`: an expected detail, such as a 404.
 */
export type Log = Logger;

/**
 * Matches any GitHub token, in the old and new (`ghs_<app>_<jwt>`) format, any Claude API key, and any access
 * token of Google.
 */
const tokens = /\b(?:gh[pousr]_[A-Za-z0-9._-]{16,}|github_pat_\w{20,}|sk-ant-[\w-]{16,}|ya29\.[\w.-]{16,})/g;

/**
 * Creates a logger that writes one JSON object per line. It redacts credentials in each finished line, so
 * that errors and nested objects cannot hide one.
 * @param secrets values to redact; values with fewer than 8 characters are ignored
 * @param destination the default is standard output
 * @param more returns further values to redact, which can change while the process runs
 */
export function createLog(
  level: LevelWithSilent,
  secrets: readonly string[],
  destination?: DestinationStream,
  more: () => readonly string[] = () => [],
): Log {
  const values = formsOf(secrets);
  const redact = (line: string) => {
    let redacted = line;
    for (const value of [...values, ...formsOf(more())]) redacted = redacted.replaceAll(value, '[redacted]');
    return redacted.replace(tokens, '[redacted]');
  };
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: redact },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Returns the values to replace: the longest first, because one secret can contain another. */
function formsOf(secrets: readonly string[]): string[] {
  return secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= 8)
    .sort((one, other) => other.length - one.length);
}
