import type { Log } from '../log.js';
import { RunEndedError } from '../runs/outcome.js';

/**
 * Runs `body`, which does something on GitHub that the work can do without. If GitHub refuses it, for example
 * because an issue was deleted or locked, only logs the failure.
 * @param about the log fields of the run, the task or the trigger
 */
export async function ifGitHubAllows(
  log: Log,
  about: object,
  failure: string,
  body: () => Promise<void>,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof RunEndedError)) throw error;
    log.warn({ ...about, reason: error.message }, failure);
  }
}
