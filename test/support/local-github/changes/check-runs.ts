import type { Delivery } from '../deliveries.js';
import type { Parts } from '../parts.js';
import { renderCheckRunWithSuite } from '../render/check-run.js';
import { announceEvent, sendEvent } from '../send-event.js';
import type { Account, CheckRun, Repository } from '../state.js';

/** Somebody presses a button of a check run. */
export function requestAction(
  parts: Parts,
  repository: Repository,
  run: CheckRun,
  identifier: string,
  sender: Account,
): Promise<Delivery | null> {
  if (!run.actions.some((action) => (action as { identifier: string }).identifier === identifier))
    throw new Error(`local GitHub: the check run ${run.name} has no button ${identifier}`);
  return sendEvent(parts, 'check_run', repository, sender, {
    action: 'requested_action',
    check_run: renderCheckRunWithSuite(parts, repository, run),
    requested_action: { identifier },
  });
}

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
