import { recordDeliveryResult, wasRefused } from '../../database/deliveries.js';
import { appendEvent } from '../../database/run-events.js';
import { findRunOfDelivery, recordOutcome } from '../../database/runs.js';
import { reactToComment } from '../../github/comments.js';
import { reactToIssue } from '../../github/issues.js';
import { describeRefusal } from '../../messages/refusals.js';
import { fieldsOfTrigger } from '../../runs/log-fields.js';
import { type Outcome, outcomeOf } from '../../runs/outcome.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';
import { ifGitHubAllows } from '../if-github-allows.js';

/** Adds an eyes reaction to the comment or to the labeled issue, which shows that the bot saw the request. */
export function reactWithEyes(d: Dependencies, trigger: Trigger): Promise<void> {
  return react(d, trigger, 'eyes');
}

async function react(d: Dependencies, trigger: Trigger, content: 'eyes' | 'confused'): Promise<void> {
  const { repository, issue } = trigger;
  const commentId = 'commentId' in trigger ? trigger.commentId : null;
  if (commentId !== null)
    await ifGitHubAllows(d.log, fieldsOfTrigger(trigger), 'could not react to a comment', () =>
      reactToComment(d.github, repository, commentId, content),
    );
  if (trigger.kind === 'label' || (trigger.kind === 'command' && commentId === null))
    await ifGitHubAllows(d.log, fieldsOfTrigger(trigger), 'could not react to an issue', () =>
      reactToIssue(d.github, repository, issue.number, content),
    );
}

/**
 * Refuses a trigger and tells people why. A person gets the same reason on the same issue at most once an
 * hour. If GitHub does not allow a comment, the refusal is only logged.
 */
export async function refuse(d: Dependencies, trigger: Trigger, reason: RefusalReason): Promise<void> {
  const text = describeRefusal(reason);
  d.log.info({ ...fieldsOfTrigger(trigger), url: trigger.issue.url, reason: text }, 'trigger refused');
  // Without this limit, two bots could answer each other forever, and anyone could make the bot flood an
  // issue. Failed CI needs no limit, because the bot replies once per commit and only for its own commits.
  const mayRepeat = trigger.kind === 'ci-failure';
  if (!mayRepeat && (await wasRefused(d.db, trigger, text))) return react(d, trigger, 'confused');
  await ifGitHubAllows(d.log, fieldsOfTrigger(trigger), 'could not write a refusal', () =>
    d.publisher.refuse(trigger, reason),
  );
}

/**
 * Settles the run that was reserved for the trigger, if there is one. Otherwise that run would block every
 * later run of its issue.
 */
export async function abandonRun(d: Dependencies, trigger: Trigger, reason: string): Promise<void> {
  const id = await findRunOfDelivery(d.db, trigger.deliveryId);
  if (id === null) return;
  const outcome: Outcome = { kind: 'failed', reason };
  d.log.error({ run: id, ...fieldsOfTrigger(trigger), reason }, 'could not queue a run');
  await appendEvent(d.db, id, { type: 'settled', outcome });
  await recordOutcome(d.db, id, outcome);
}

export function recordResult({ db }: Dependencies, trigger: Trigger, result: string): Promise<void> {
  return recordDeliveryResult(db, trigger.deliveryId, result);
}

/** Returns a sentence that says why the bot could not respond to a trigger. */
export function describeError(error: unknown): string {
  const outcome = outcomeOf(error);
  if (outcome.kind === 'refusal') return describeRefusal(outcome.reason);
  return 'reason' in outcome ? outcome.reason : outcome.kind;
}
