import { z } from 'zod';
import type { Person, Repository, Trigger } from '../task/task.js';
import { triggerFromDelivery } from './trigger-from-delivery.js';

/*
 * What a delivery would have asked for, found by looking at the issue afterwards. Every trigger goes through the same
 * reading as a delivery's, so that the same stands in its way.
 */

/** As the REST API shows it. */
export interface FoundIssue {
  number: number;
  title: string;
  /** When title or body were last edited; null: never. */
  editedAt: string | null;
  [field: string]: unknown;
}

/** One line of an issue's list of events. */
const IssueEvent = z.object({
  id: z.number(),
  event: z.string(),
  created_at: z.string(),
  actor: z.object({ login: z.string(), id: z.number(), type: z.string() }).nullish(),
  label: z.object({ name: z.string().nullish() }).nullish(),
});

export interface Labeling {
  eventId: number;
  at: string;
  by: Person;
}

/**
 * Who put the label on last, and when; null when the events do not say, or when it is off again.
 * @param events oldest first
 */
export function findLabeling(events: readonly unknown[], label: string): Labeling | null {
  const last = events
    .map((event) => IssueEvent.safeParse(event).data)
    .findLast(
      (event) =>
        (event?.event === 'labeled' || event?.event === 'unlabeled') &&
        event.label?.name?.toLowerCase() === label.toLowerCase(),
    );
  if (last?.event !== 'labeled' || !last.actor) return null;
  return { eventId: last.id, at: last.created_at, by: last.actor };
}

export function triggerFromLabeling(
  repository: Repository,
  issue: FoundIssue,
  label: string,
  { eventId, at, by }: Labeling,
): Trigger | null {
  const delivery = {
    action: 'labeled',
    label: { name: label },
    sender: by,
    ...describe(repository, { ...issue, updated_at: at }),
  };
  return standingBy(
    triggerFromDelivery('issues', `missed-label-event-${eventId}`, delivery, new Date(at)),
    issue,
  );
}

/** As the REST API shows a comment of an issue. */
export interface FoundComment {
  id: number;
  body?: string | undefined;
  created_at: string;
  updated_at: string;
  user: Person | null;
  performed_via_github_app?: unknown;
}

/** Whether the comment may be a command that was never answered: nobody's edit makes one of it. */
export function mayBeCommand(comment: FoundComment): boolean {
  return comment.user?.type === 'User' && comment.created_at === comment.updated_at;
}

/** @returns null when the comment asks for nothing */
export function triggerFromComment(
  repository: Repository,
  issue: FoundIssue,
  comment: FoundComment,
): Trigger | null {
  const delivery = {
    action: 'created',
    comment: { ...comment, body: comment.body ?? '' },
    sender: comment.user,
    ...describe(repository, issue),
  };
  const id = `missed-comment-${comment.id}`;
  return standingBy(triggerFromDelivery('issue_comment', id, delivery, new Date(comment.created_at)), issue);
}

/** What was authorised is the text as it was then; the one of then is not to be had any more. */
function standingBy(trigger: Trigger | null, { editedAt }: FoundIssue): Trigger | null {
  if (
    !trigger ||
    trigger.refusalReason ||
    editedAt === null ||
    Date.parse(editedAt) <= Date.parse(trigger.at)
  )
    return trigger;
  return {
    ...trigger,
    refusalReason: 'this was missed while I was away, and the issue was edited since then; ask for it again',
  };
}

function describe(repository: Repository, issue: Record<string, unknown>) {
  const { id, name, owner, defaultBranch, installationId } = repository;
  return {
    issue,
    repository: {
      id,
      name,
      owner: { login: owner },
      default_branch: defaultBranch,
      private: repository.private,
    },
    installation: { id: installationId },
  };
}
