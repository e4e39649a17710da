import { findLookedAt } from '../../database/ci-looks.js';
import { findIssue } from '../../database/issues.js';
import { findOpenQuestion } from '../../database/open-questions.js';
import { appendEvent } from '../../database/run-events.js';
import * as runs from '../../database/runs.js';
import { fieldsOfTrigger } from '../../runs/log-fields.js';
import { type IssueKey, type Run, runIdOf } from '../../runs/run.js';
import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';
import { ifGitHubAllows } from '../if-github-allows.js';
import { addMessage } from '../run/control/steering.js';

/**
 * Reserves a run for the trigger.
 * @returns the reserved run. If another live run occupies the issue, returns its id as `busyWith` instead.
 */
export async function reserveRun(
  d: Dependencies,
  trigger: Trigger,
): Promise<{ run: Run } | { busyWith: string }> {
  const { db } = d;
  const number = (await findIssue(db, trigger)) ?? trigger.issue.number;
  const key = { repositoryId: trigger.repository.id, number };
  const workflow = trigger.onPullRequest ? 'answer-review' : 'implement-issue';
  const id = await findRunId(d, trigger, key);
  const known = await runs.findRun(db, id);
  const request = known?.trigger ?? (await completeRequest(d, trigger, key, workflow));
  const reserved = await runs.reserveRun(db, id, request, workflow, number);
  if ('run' in reserved)
    await appendEvent(db, reserved.run.id, {
      type: 'accepted',
      by: request.sender.login,
      trigger: describeTrigger(trigger),
    });
  return reserved;
}

/**
 * Adds two facts to a trigger: the person who counts as its requester, and the run whose question it answers.
 */
async function completeRequest(
  { db }: Dependencies,
  trigger: Trigger,
  key: IssueKey,
  workflow: Run['workflow'],
): Promise<Trigger> {
  // If a question is open on the issue, the instructions of a command count as the answer.
  const isAnswer = trigger.kind === 'answer' || (trigger.kind === 'command' && trigger.instructions !== '');
  const resume = isAnswer && workflow === 'implement-issue' ? await findOpenQuestion(db, key) : null;
  // A run that fixes failed CI starts without a request by a person. The person who requested the original
  // work counts as the requester of such a run.
  const requester = trigger.kind === 'ci-failure' ? await runs.findRequester(db, key) : null;
  return { ...trigger, resume, sender: requester ?? trigger.sender };
}

/**
 * Returns the id of the trigger's run. All triggers for failed checks of one commit get the same run until
 * that run has read the checks. A later trigger gets a new run.
 */
async function findRunId({ db }: Dependencies, trigger: Trigger, key: IssueKey): Promise<string> {
  if (trigger.kind !== 'ci-failure') return runIdOf(trigger.deliveryId);
  const own = await runs.findRunOfDelivery(db, trigger.deliveryId);
  const { runs: earlier } = await findLookedAt(db, key, trigger.headSha);
  return own ?? runIdOf(`checks of ${key.repositoryId} at ${trigger.headSha}, after ${earlier}`);
}

/**
 * Passes instructions on to the run in progress. A request that this run carries out already needs nothing.
 * @returns false if the trigger has no instructions or the run's agent has finished
 */
export async function passOn(d: Dependencies, trigger: Trigger, runId: string): Promise<boolean> {
  if (await isSameRequest(d, trigger, runId)) return true;
  if ((trigger.kind !== 'command' && trigger.kind !== 'answer') || trigger.instructions === '') return false;
  // A plan is no instruction for the agent.
  if (trigger.kind === 'command' && trigger.plan) return false;
  const message = { author: trigger.sender.login, text: trigger.instructions };
  if (!(await addMessage(d, runId, trigger.deliveryId, message))) return false;
  // The agent gets the message even if the progress comment cannot show it.
  const about = { run: runId, ...fieldsOfTrigger(trigger) };
  await ifGitHubAllows(d.log, about, 'could not show that a message was forwarded', () =>
    d.publisher.showProgress(runId),
  );
  return true;
}

/**
 * Returns whether the run was requested by the same person in the same moment. GitHub reports a new issue
 * with a label and a command in its text as two events.
 */
async function isSameRequest({ db }: Dependencies, trigger: Trigger, runId: string): Promise<boolean> {
  const isText = (one: Trigger) => one.kind === 'command' && one.commentId === null;
  const other = (await runs.findRun(db, runId))?.trigger;
  if (!other || other.sender.id !== trigger.sender.id) return false;
  const isPair = (isText(other) && trigger.kind === 'label') || (isText(trigger) && other.kind === 'label');
  return isPair && Math.abs(Date.parse(other.at) - Date.parse(trigger.at)) < sameMomentMs;
}

const sameMomentMs = 60_000;

function describeTrigger(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'label':
      return `label ${trigger.label}`;
    case 'command':
      return '/implement';
    case 'control':
      return `/${trigger.control}`;
    case 'review':
      return 'a review';
    case 'answer':
      return 'an answer';
    case 'ci-failure':
      return 'a CI failure';
    case 'conflict':
      return 'a merge conflict';
    case 'end':
      return 'a cancellation';
  }
}
