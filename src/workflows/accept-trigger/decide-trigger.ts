import { countRunsForCiFailures, findLookedAt } from '../../database/ci-looks.js';
import { wasCancelledSince } from '../../database/deliveries.js';
import { findIssue, isOwnCommit } from '../../database/issues.js';
import { continuesAnswer, findOpenQuestion, isAsking } from '../../database/open-questions.js';
import type { Queryable } from '../../database/queryable.js';
import { findLatestRun, findRun, hasRuns, listLiveRuns, wasCutShort } from '../../database/runs.js';
import { type FailedCheck, listFailedChecks } from '../../github/checks.js';
import { readIssue } from '../../github/issues.js';
import { hasWriteAccess } from '../../github/permissions.js';
import { readPull } from '../../github/pulls.js';
import { readSettingsText } from '../../github/repositories.js';
import { type ReadReview, readReview } from '../../github/reviews.js';
import { fieldsOfTrigger } from '../../runs/log-fields.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import { RetryLater } from '../../runs/retry-later.js';
import type { IssueKey } from '../../runs/run.js';
import { agentOfLabel } from '../../task/agent-of-label.js';
import { namesLabel } from '../../task/settings.js';
import type { Trigger } from '../../task/task.js';
import { parseCommand } from '../../webhooks/parse-command.js';
import { findCiFailures, listNames } from '../answer-review/ci-failures.js';
import type { Dependencies } from '../dependencies.js';
import { findCommand } from '../obey-command/commands.js';
import { hasRequest } from './has-request.js';
import { isRetracted } from './is-retracted.js';

/*
 * Only this module decides whether a trigger is accepted. It decides twice. The first decision uses only the
 * database, because GitHub waits for the response to its delivery. Later, a durable step makes the full
 * decision.
 */

/** `ignore` means that the trigger does not ask the bot for anything, so nobody gets a reply. */
export type Decision = { kind: 'ignore' } | { kind: 'refuse'; reason: RefusalReason } | { kind: 'accept' };

const ignore: Decision = { kind: 'ignore' };
const accept: Decision = { kind: 'accept' };
const refuse = (reason: RefusalReason): Decision => ({ kind: 'refuse', reason });

/**
 * Returns whether a trigger may be for the bot. Uses only the database. Most comments, reviews and failed
 * checks are not for the bot, and one query is enough to reject them.
 */
export async function mayBeForUs(db: Queryable, trigger: Trigger): Promise<boolean> {
  const { kind, onPullRequest } = trigger;
  if (kind === 'command' || (kind === 'label' && !onPullRequest)) return true;
  // Every command gets a reply. A cancellation can arrive before its run exists. Therefore, accept both kinds
  // of triggers even if the issue has no run.
  if ((kind === 'control' || kind === 'end') && !onPullRequest) return true;
  const number = await findIssue(db, trigger);
  if (number === null) return false;
  const key = { repositoryId: trigger.repository.id, number };
  // The bot does not fix CI that fails on someone else's commit.
  if (kind === 'ci-failure') return isOwnCommit(db, key, trigger.headSha);
  if (kind === 'end') return (await listLiveRuns(db, key)).length > 0;
  if (kind === 'answer')
    return (
      (await findOpenQuestion(db, key)) !== null ||
      (await isAsking(db, key)) ||
      (await continuesAnswer(db, trigger))
    );
  return hasRuns(db, key);
}

/**
 * Makes the full decision about a trigger, with data from GitHub and the database.
 * @throws RunEndedError when GitHub refuses to give the data for the decision
 */
export async function decideTrigger(d: Dependencies, trigger: Trigger): Promise<Decision> {
  if (await wasRetractedSince(d, trigger)) return ignore;
  switch (trigger.kind) {
    case 'label':
      return (await isMappedLabel(d, trigger)) ? decideRequest(d, trigger) : ignore;
    case 'command':
      return decideRequest(d, trigger);
    case 'review':
      return decideReview(d, trigger);
    case 'answer':
      return (await answersQuestion(d, trigger)) ? accept : ignore;
    case 'ci-failure':
      return decideCiFailure(d, trigger);
    case 'control':
      return decideCommand(d, trigger);
    case 'end':
    case 'conflict':
      return accept;
  }
}

/**
 * A trigger that is older than this counts as late. In the meantime, people may have removed the label or
 * deleted the comment.
 */
const lateMs = 60_000;

/**
 * Returns whether people withdrew the trigger. Asks GitHub only if the trigger is late or a delivery reported
 * a cancellation. Most triggers arrive within a second, so GitHub is not asked about them.
 */
async function wasRetractedSince(d: Dependencies, trigger: Trigger): Promise<boolean> {
  const isLate = d.now().getTime() - Date.parse(trigger.at) >= lateMs;
  if (!isLate && !(await wasCancelledSince(d.db, trigger))) return false;
  try {
    return await isRetracted(d.github, trigger);
  } catch (error) {
    if (!(error instanceof RunEndedError)) throw error;
    // GitHub refused the request, so assume that nobody withdrew the trigger. The rest of the decision can
    // send more requests. If GitHub refuses one of those, the rest of the decision reports the problem.
    d.log.warn(
      { ...fieldsOfTrigger(trigger), reason: error.message },
      'could not check whether a late trigger was withdrawn',
    );
    return false;
  }
}

/**
 * Returns whether a label selects an agent. The operator maps labels to agents. A repository can map more
 * labels in its settings on the default branch.
 */
async function isMappedLabel(
  d: Dependencies,
  trigger: Extract<Trigger, { kind: 'label' }>,
): Promise<boolean> {
  if (agentOfLabel(d.config.labels, trigger.label) !== null) return true;
  try {
    const settings = await readSettingsText(d.github, trigger.repository);
    return settings !== null && namesLabel(settings, trigger.label);
  } catch (error) {
    if (!(error instanceof RunEndedError)) throw error;
    // Do not reply on the issue. Most labels have nothing to do with the bot, so a reply to each would be
    // noise.
    d.log.error(
      { ...fieldsOfTrigger(trigger), reason: error.message },
      'could not check whether a label starts a run',
    );
    return false;
  }
}

/** Decides about a label or an `/implement` command. */
async function decideRequest(d: Dependencies, trigger: Trigger): Promise<Decision> {
  const { sender, repository, onPullRequest } = trigger;
  if (trigger.refusalReason) return refuse(trigger.refusalReason);
  if (onPullRequest && (trigger.kind === 'label' || (await findIssue(d.db, trigger)) === null))
    return refuse({ kind: 'not-our-pull-request' });
  if (sender.type !== 'User') return refuse({ kind: 'not-a-person', login: sender.login });
  if (!(await hasWriteAccess(d.github, repository, sender)) && !(await isAuthorsAnswer(d, trigger)))
    return refuse({ kind: 'no-write-access', login: sender.login });
  if (trigger.kind === 'command' && onPullRequest && trigger.instructions === '')
    return refuse({ kind: 'no-instructions' });
  return accept;
}

/**
 * Decides about a review. Ignores a review that contains only praise, and a review by a person without write
 * access.
 */
async function decideReview(
  d: Dependencies,
  trigger: Extract<Trigger, { kind: 'review' }>,
): Promise<Decision> {
  const { repository, issue, sender } = trigger;
  // Ignore reviews of a merged or closed pull request. People still comment there, and a refusal of every
  // review would be noise.
  if (trigger.refusalReason && !(await readPull(d.github, repository, issue.number)).isOpen) return ignore;
  const review = await readReview(d.github, repository, issue.number, [trigger.reviewId]);
  if (!review || !hasRequest(review) || !(await hasWriteAccess(d.github, repository, sender))) return ignore;
  if (trigger.refusalReason) return refuse(trigger.refusalReason);
  return holdsCommand(review) ? refuse({ kind: 'command-in-review' }) : accept;
}

/**
 * Returns whether a review contains a command other than `/implement`, such as `/stop`. Such commands work
 * only in comments. In a review, `/implement` is allowed and is read as part of the requested change.
 */
function holdsCommand({ body, threads }: ReadReview): boolean {
  const own = threads.flatMap(({ comments }) => comments.filter(({ inReview }) => inReview));
  return [body, ...own.map((comment) => comment.body)].some((text) => {
    const command = parseCommand(text);
    return command !== null && command.name !== 'implement';
  });
}

/**
 * Returns whether the issue's author answers an open question with words after a command or a mention.
 * Authors may answer without write access, but not choose an agent or other options.
 */
async function isAuthorsAnswer(d: Dependencies, trigger: Trigger): Promise<boolean> {
  if (trigger.kind !== 'command' || trigger.onPullRequest || trigger.instructions === '') return false;
  const { agent, anyway, plan, effort, sender, issue } = trigger;
  if (agent !== null || anyway || plan || effort !== null || sender.login !== issue.author) return false;
  const key = await findKey(d, trigger);
  return key !== null && (await findOpenQuestion(d.db, key)) !== null;
}

/**
 * Returns whether a comment answers an open question. Only the issue's author and people with write access
 * can answer. Comments by other people are just conversation.
 */
async function answersQuestion(d: Dependencies, trigger: Trigger): Promise<boolean> {
  const { repository, issue, sender } = trigger;
  const key = await findKey(d, trigger);
  if (key === null || trigger.refusalReason) return false;
  // A person can answer as soon as the bot has posted its question. The run that asked the question may not
  // be settled at that time. In this case, wait until the run is settled.
  if (await isAsking(d.db, key)) throw new RetryLater('the question has not been posted yet', 1000);
  if ((await findOpenQuestion(d.db, key)) === null) return continuesAnswer(d.db, trigger);
  return sender.login === issue.author || hasWriteAccess(d.github, repository, sender);
}

type CiFailure = Extract<Trigger, { kind: 'ci-failure' }>;

async function decideCiFailure(d: Dependencies, trigger: CiFailure): Promise<Decision> {
  const key = await findKey(d, trigger);
  try {
    if (key === null || !(await mayFixCi(d, trigger, key))) return ignore;
  } catch (error) {
    if (!(error instanceof RunEndedError)) throw error;
    // GitHub does not let the bot read the checks. Nobody requested anything, so nobody gets a reply.
    d.log.warn({ ...fieldsOfTrigger(trigger), reason: error.message }, 'could not read the failed checks');
    return ignore;
  }
  const reason = await findCiRefusal(d, trigger, key);
  return reason ? refuse(reason) : accept;
}

/**
 * Returns whether a run may look at the failed checks. The checks must belong to another App and to the
 * newest commit of an open pull request. At least one of them must be a check that no earlier run has read.
 */
async function mayFixCi(d: Dependencies, trigger: CiFailure, key: IssueKey): Promise<boolean> {
  const { db, github, config } = d;
  const { repository, issue, headSha, byApp } = trigger;
  if (config.maxCiFixRuns === 0 || byApp === config.appId || trigger.refusalReason) return false;
  const looked = await findLookedAt(db, key, headSha, trigger.deliveryId);
  if (looked.isAwaited || (await wasCutShort(db, key))) return false;
  // Another run would replace the open question before people can answer it.
  if (await findOpenQuestion(db, key)) return false;
  const pull = await readPull(github, repository, issue.number);
  if (!pull.isOpen || pull.headSha !== headSha) return false;
  const failed = await listFailedChecks(github, repository, headSha, config.appId);
  return failed.some(({ name }) => !looked.names.includes(name));
}

async function findCiRefusal(
  d: Dependencies,
  trigger: CiFailure,
  key: IssueKey,
): Promise<RefusalReason | null> {
  const { repository, issue, headSha } = trigger;
  const failures = await findCiFailures(d, repository, issue.number, headSha);
  const looked = await findLookedAt(d.db, key, headSha, trigger.deliveryId);
  const isNew = ({ name }: FailedCheck) => !looked.names.includes(name);
  const [ours, onBase] = [failures.ours.filter(isNew), failures.onBase.filter(isNew)];
  // If `ours` and `onBase` are empty, no new check fails any more. The trigger is accepted nevertheless. Its
  // run reads the checks again, and ends if no check fails.
  if (ours.length === 0)
    return onBase.length > 0 ? { kind: 'ci-fails-on-base', checks: listNames(onBase) } : null;
  const runs = await countRunsForCiFailures(d.db, key);
  if (runs < d.config.maxCiFixRuns) return null;
  const others = onBase.length > 0 ? listNames(onBase) : null;
  return { kind: 'ci-fix-limit', runs, checks: listNames(ours), onBase: others };
}

/** Decides how to respond to a click on a check run's button, or to any command except `/implement`. */
async function decideCommand(
  d: Dependencies,
  trigger: Extract<Trigger, { kind: 'control' }>,
): Promise<Decision> {
  const { repository, sender } = trigger;
  const command = findCommand(trigger.control);
  if (sender.type !== 'User') return refuse({ kind: 'not-a-person', login: sender.login });
  const key = (await findKey(d, trigger)) ?? { repositoryId: repository.id, number: trigger.issue.number };
  if (command.needsOpenIssue) {
    if (trigger.refusalReason) return refuse(trigger.refusalReason);
    // The delivery for a click on a button does not say whether the issue is open, so ask GitHub.
    const isButton = trigger.commentId === null;
    if (isButton && !(await readIssue(d.github, repository, key.number)).isOpen)
      return refuse({ kind: 'closed', what: 'issue' });
  }
  if (await hasWriteAccess(d.github, repository, sender)) return accept;
  const latest = command.requesterMayUse ? await findLatestRun(d.db, key) : null;
  const requester = latest && (await findRun(d.db, latest))?.trigger.sender.id;
  return requester === sender.id ? accept : refuse({ kind: 'no-write-access', login: sender.login });
}

async function findKey(d: Dependencies, trigger: Trigger): Promise<IssueKey | null> {
  const number = await findIssue(d.db, trigger);
  return number === null ? null : { repositoryId: trigger.repository.id, number };
}
