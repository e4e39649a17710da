import { z } from 'zod';
import type { RefusalReason } from '../runs/refusal-reason.js';
import type { Trigger } from '../task/task.js';
import {
  Checked,
  Commented,
  type Common,
  Labeled,
  OnIssue,
  OnPull,
  type Pulls,
  Requested,
  Reviewed,
  type Subject,
} from './delivery-schemas.js';
import { parseCommand } from './parse-command.js';
import { requestWork } from './request-work.js';

/** Maps each event and action that can contain a trigger to the function that reads it. */
const readers: Record<string, (delivery: unknown, given: Given) => Trigger | null> = {
  'issues.labeled': readLabel,
  'issues.opened': readOpened,
  'issues.unlabeled': (delivery, given) => {
    const payload = Labeled.parse(delivery);
    if (!byPerson(payload) || !payload.label) return null;
    const { name } = payload.label;
    return readEnd(
      payload,
      payload.issue,
      given,
      `@${payload.sender.login} removed the label ${name}.`,
      name,
    );
  },
  'issues.closed': (delivery, given) => {
    const payload = OnIssue.parse(delivery);
    return readEnd(payload, payload.issue, given, `@${payload.sender.login} closed the issue.`);
  },
  'issues.deleted': (delivery, given) => {
    const payload = OnIssue.parse(delivery);
    return readEnd(payload, payload.issue, given, 'The issue was deleted.');
  },
  'issues.transferred': (delivery, given) => {
    const payload = OnIssue.parse(delivery);
    return readEnd(payload, payload.issue, given, 'The issue was moved to another repository.');
  },
  'issue_comment.created': readComment,
  'pull_request.closed': (delivery, given) => {
    const payload = OnPull.parse(delivery);
    const { sender, pull_request: pull } = payload;
    return readEnd(payload, pull, given, `@${sender.login} closed the pull request.`, null, true);
  },
  'pull_request_review.submitted': (delivery, given) => {
    const payload = Reviewed.parse(delivery);
    const { pull_request: pull, review } = payload;
    if (!byPerson(payload)) return null;
    const at = review.submitted_at ?? given.now;
    const mayContinue = review.state.toLowerCase() === 'commented' && !review.body?.trim();
    const parts = common(payload, pull, { ...given, now: at }, true);
    return { kind: 'review', reviewId: review.id, mayContinue, ...parts };
  },
  'check_suite.completed': readCiFailure,
  'check_run.requested_action': (delivery, given) => {
    const payload = Requested.parse(delivery);
    const pull = pickPull(payload.check_run.pull_requests, payload);
    const control = payload.requested_action.identifier;
    if (!pull || (control !== 'stop' && control !== 'retry')) return null;
    const parts = common(payload, bare(pull.number), given, true);
    return { kind: 'control', control, instructions: '', commentId: null, ...parts };
  },
};

/** The events and actions that the App must receive, in the form `event.action`. */
export const triggeringEvents = Object.keys(readers);

interface Given {
  deliveryId: string;
  /** The time to use if the delivery does not say when its event happened, in ISO 8601. */
  now: string;
  /** The name by which people mention the bot; null if it is not known. */
  botName: string | null;
}

/**
 * Reads the trigger from a delivery. Later, `decideTrigger` decides whether the trigger is accepted.
 * @returns null when the delivery contains no trigger
 * @throws z.ZodError when the delivery does not match the schema of its event
 */
export function triggerFromDelivery(
  event: string,
  deliveryId: string,
  delivery: unknown,
  now: Date,
  botName: string | null = null,
): Trigger | null {
  const { action } = z.object({ action: z.string().optional() }).parse(delivery);
  const read = readers[`${event}.${action}`];
  return read ? read(delivery, { deliveryId, now: now.toISOString(), botName }) : null;
}

function readLabel(delivery: unknown, given: Given): Trigger | null {
  const payload = Labeled.parse(delivery);
  if (!payload.label) return null;
  const at = payload.issue.updated_at ?? given.now;
  return {
    kind: 'label',
    label: payload.label.name,
    ...common(payload, payload.issue, { ...given, now: at }, Boolean(payload.issue.pull_request)),
  };
}

/**
 * Reads a comment. Ignores every comment by a bot, because two bots could otherwise answer each other
 * forever.
 */
function readComment(delivery: unknown, given: Given): Trigger | null {
  const payload = Commented.parse(delivery);
  const { comment, issue } = payload;
  if (!byPerson(payload) || comment.performed_via_github_app) return null;
  const onPullRequest = Boolean(issue.pull_request);
  const parts = common(payload, issue, { ...given, now: comment.created_at }, onPullRequest);
  const command = parseCommand(comment.body, given.botName);
  if (command?.name === 'implement') return requestWork(command, comment.id, parts);
  if (command)
    return {
      kind: 'control',
      control: command.name,
      instructions: command.instructions,
      commentId: comment.id,
      ...parts,
    };
  // Any other comment may answer a question of the bot. A later check looks for an open question in the
  // database.
  return comment.body.trim()
    ? { kind: 'answer', instructions: comment.body, commentId: comment.id, ...parts }
    : null;
}

/**
 * Reads a command in the text of a new issue. Other commands than `/implement` have nothing to act on there.
 */
function readOpened(delivery: unknown, given: Given): Trigger | null {
  const payload = OnIssue.parse(delivery);
  const { issue, sender } = payload;
  // The sender of a transferred issue is the person who moved it, and not the one who wrote it.
  const isAuthor = byPerson(payload) && issue.user?.login === sender.login;
  if (!isAuthor || issue.performed_via_github_app) return null;
  const command = parseCommand(issue.body ?? '', given.botName);
  if (command?.name !== 'implement') return null;
  // The agent gets the text of the issue anyway, so the lines below the command are no instructions.
  const [instructions = ''] = command.instructions.split('\n');
  return requestWork({ ...command, instructions }, null, common(payload, issue, given, false));
}

function readCiFailure(delivery: unknown, given: Given): Trigger | null {
  const payload = Checked.parse(delivery);
  const { id, head_sha, conclusion, app, pull_requests, updated_at } = payload.check_suite;
  const pull = pickPull(pull_requests, payload);
  if (!pull || (conclusion !== 'failure' && conclusion !== 'timed_out')) return null;
  const parts = common(payload, bare(pull.number), { ...given, now: updated_at ?? given.now }, true);
  return { kind: 'ci-failure', suiteId: id, headSha: head_sha, byApp: app?.id ?? null, ...parts };
}

/**
 * Picks the bot's own pull request from the pull requests of a branch. The bot's pull request is the oldest
 * one that merges into this repository. Other pull requests may merge the same branch into forks.
 */
function pickPull(pulls: z.infer<typeof Pulls>, { repository }: z.infer<typeof Common>) {
  return (pulls ?? [])
    .filter(({ base }) => !base?.repo || base.repo.id === repository.id)
    .sort((one, other) => one.number - other.number)[0];
}

function readEnd(
  payload: z.infer<typeof Common>,
  subject: z.infer<typeof Subject>,
  given: Given,
  reason: string,
  label: string | null = null,
  onPullRequest = false,
): Trigger {
  return {
    kind: 'end',
    reason,
    label,
    // Use GitHub's time of the event. The request that this event cancels has a time from GitHub as well. The
    // two deliveries can arrive in the wrong order, so only GitHub's times show which one came first.
    ...common(payload, subject, { ...given, now: subject.updated_at ?? given.now }, onPullRequest),
    refusalReason: null,
  };
}

function common(
  payload: z.infer<typeof Common>,
  subject: z.infer<typeof Subject>,
  { deliveryId, now }: Pick<Given, 'deliveryId' | 'now'>,
  onPullRequest: boolean,
) {
  const { repository, sender, installation } = payload;
  return {
    deliveryId,
    repository: {
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      defaultBranch: repository.default_branch,
      private: repository.private,
      installationId: installation.id,
    },
    issue: {
      number: subject.number,
      title: subject.title,
      body: subject.body ?? '',
      author: subject.user?.login ?? 'ghost',
      url: subject.html_url,
    },
    sender,
    at: now,
    refusalReason: findRefusalReason(payload, subject, onPullRequest),
    onPullRequest,
    resume: null,
  };
}

function findRefusalReason(
  { repository }: z.infer<typeof Common>,
  { state, locked }: z.infer<typeof Subject>,
  onPullRequest: boolean,
): RefusalReason | null {
  const what = onPullRequest ? 'pull request' : 'issue';
  if (repository.archived) return { kind: 'repository-archived' };
  if (state !== 'open') return { kind: 'closed', what };
  if (locked) return { kind: 'locked', what };
  return null;
}

function byPerson({ sender }: z.infer<typeof Common>): true | null {
  return sender.type === 'User' && !sender.login.endsWith('[bot]') ? true : null;
}

/**
 * Returns a pull request with only a number, because deliveries about checks contain nothing else about it.
 */
function bare(number: number): z.infer<typeof Subject> {
  return { number, title: '', state: 'open', html_url: '' };
}
