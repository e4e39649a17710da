import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino';

/**
 * What its levels mean: `error`: a run failed, or Pullwright has a fault. `warn`: something waits or could
 * not be done yet, and Pullwright handles it without help. `info`: what happens, such as a finished step.
 * `debug`: details that are expected, such as a 404.
 */
export type Log = Logger;

/** GitHub tokens, old and new (`ghs_<app>_<jwt>`), and Claude keys, whoever they belong to. */
const tokens = /\b(?:gh[pousr]_[A-Za-z0-9._-]{16,}|github_pat_\w{20,}|sk-ant-[\w-]{16,})/g;

/**
 * Creates a logger that writes one JSON object per line and never a credential. Each line is searched after
 * it was serialized, so that errors and nested objects cannot carry a credential past the search.
 * @param secrets values to redact; those with fewer than 8 characters are ignored
 * @param destination standard output if not given
 */
export function createLog(
  level: LevelWithSilent,
  secrets: readonly string[],
  destination?: DestinationStream,
): Log {
  const values = secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= 8)
    // One secret can contain another.
    .sort((one, other) => other.length - one.length);
  const redact = (line: string) => {
    let redacted = line;
    for (const value of values) redacted = redacted.replaceAll(value, '[redacted]');
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
