import { diskFull, isDiskFull, RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';

/**
 * What git's complaint about a remote means: come back later, or an end with a clear word.
 * @param doing what was being done, in words: `cloned`, `pushed to`
 */
export function explainGitError(error: unknown, doing: string): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (isDiskFull(text)) return new RunEndedError(diskFull);
  const status = Number(/The requested URL returned error: (\d{3})/.exec(text)?.[1] ?? 0);
  if (status >= 500 || status === 429) return new RetryLater(`GitHub answered git with ${status}`);
  if (
    // A push that was answered with a status is cut off as well: then the status is what counts.
    status === 0 &&
    /Could not resolve host|Failed to connect|Connection (?:refused|reset)|timed out|early EOF|unexpected disconnect|RPC failed|Empty reply|GnuTLS recv error|SSL_ERROR/i.test(
      text,
    )
  )
    return new RetryLater('GitHub could not be reached over git');
  if (status === 401 || /Authentication failed|could not read Username/i.test(text))
    return refused(
      doing,
      "GitHub does not accept the App's token for it; is the App still installed on this repository?",
    );
  if (status === 403)
    return refused(
      doing,
      'GitHub refused (403); look at the permissions of the App: contents has to be write',
    );
  if (status === 404 || /not found/i.test(text))
    return refused(doing, 'GitHub says that there is no such repository, or none for this App (404)');
  if (status >= 300 && status < 400) return refused(doing, 'it has moved; put the label on again');
  return new RunEndedError({
    kind: 'failed',
    reason: `the repository could not be ${doing}: ${lastLine(text)}`,
  });
}

function refused(doing: string, reason: string): RunEndedError {
  return new RunEndedError({ kind: 'failed', reason: `the repository could not be ${doing}: ${reason}` });
}

function lastLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.findLast((line) => /fatal|error|rejected/.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}
