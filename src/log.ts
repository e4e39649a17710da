import { type Logger, pino } from 'pino';

export type Log = Logger;

/** GitHub tokens, old style and new (`ghs_<app>_<jwt>`), and Claude keys, whoever they belong to. */
const tokens = /\b(?:gh[pousr]_[A-Za-z0-9._-]{16,}|github_pat_\w{20,}|sk-ant-[\w-]{16,})/g;

/**
 * A JSON logger that cannot print a credential: each line is searched for the given values and for what looks like a
 * token, after all serialising, so that no error object carries one past it.
 */
export function createLog(level: string, secrets: readonly string[]): Log {
  const values = secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= 8);
  return pino({
    name: 'pullwright',
    level,
    base: null,
    hooks: {
      streamWrite: (line) => {
        let shown = line;
        for (const value of values) shown = shown.replaceAll(value, '[withheld]');
        return shown.replace(tokens, '[withheld]');
      },
    },
  });
}
