import { asSentence, diskFull, isDiskFull, RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';

const connectionError = new RegExp(
  'Could not resolve host|Failed to connect|Connection (?:refused|reset)|timed out|early EOF|' +
    'unexpected disconnect|RPC failed|Empty reply|GnuTLS recv error|SSL_ERROR',
  'i',
);

/**
 * Explains an error of a git command that uses a remote. Returns RetryLater if the cause may be temporary.
 * Otherwise returns a RunEndedError with a human-readable reason.
 * @param participle completes "The repository could not be ...", such as `cloned` or `pushed to`
 */
export function explainGitError(error: unknown, participle: string): RetryLater | RunEndedError {
  const text = error instanceof Error ? error.message : String(error);
  if (isDiskFull(text)) return new RunEndedError(diskFull);
  const status = Number(/The requested URL returned error: (\d{3})/.exec(text)?.[1] ?? 0);
  if (status >= 500 || status === 429)
    return new RetryLater(`GitHub answered a git request with status ${status}`);
  // If git reports both an HTTP status and a disconnect, only the status counts.
  if (status === 0 && connectionError.test(text))
    return new RetryLater('GitHub could not be reached over git');
  return new RunEndedError({
    kind: 'failed',
    reason: asSentence(`The repository could not be ${participle}: ${explainStatus(status, text)}`),
  });
}

function explainStatus(status: number, text: string): string {
  if (status === 401 || /Authentication failed|could not read Username/i.test(text))
    return "GitHub does not accept the App's token. Is the App still installed on this repository?";
  if (status === 403)
    return "GitHub refused (403). Check the App's permissions: it needs write access to contents.";
  if (status === 404 || /not found/i.test(text))
    return 'GitHub says that the repository does not exist or that this App cannot access it (404).';
  if (status >= 300 && status < 400) return 'The repository was renamed or moved. Request the work again.';
  return lastErrorLine(text);
}

function lastErrorLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.findLast((line) => /fatal|error|rejected/.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}
