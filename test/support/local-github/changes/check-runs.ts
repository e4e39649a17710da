import type { Parts } from '../parts.js';
import { renderCheckRunWithSuite } from '../render/check-run.js';
import { announceEvent } from '../send-event.js';
import type { CheckRun, Repository } from '../state.js';

/** GitHub tells the App that made it of a check run too. */
export function announceCheckRun(
  parts: Parts,
  repository: Repository,
  run: CheckRun,
  action: 'created' | 'completed',
): void {
  announceEvent(parts, 'check_run', repository, parts.app.bot, {
    action,
    check_run: renderCheckRunWithSuite(parts, repository, run),
  });
}
