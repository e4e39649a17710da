import { z } from 'zod';
import type { FoundComment } from '../github/comments.js';
import type { Person, Repository, Trigger } from '../task/task.js';
import { triggerFromDelivery } from './trigger-from-delivery.js';

/*
 * This file builds triggers from labels and comments whose deliveries never arrived. It imitates each missing
 * delivery and passes it to `triggerFromDelivery`, which applies the usual rules.
 */

/** An issue as the REST API describes it. */
export interface FoundIssue {
  number: number;
  title: string;
  /** When the title or body was last edited; null if never. */
  editedAt: string | null;
  [field: string]: unknown;
}

/** One event in the history of an issue. */
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
 * Finds who last added a label to an issue, and when.
 * @param events the events of the issue, oldest first
 * @returns null if the label was removed after it was last added, or if the events do not show who added it
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
  return unlessEdited(
    triggerFromDelivery('issues', `missed-label-event-${eventId}`, delivery, new Date(at)),
    issue,
  );
}

/**
 * Returns whether a comment may be a command that the bot missed. Excludes edited comments, because the bot
 * ignores commands that people add to a comment by editing it.
 */
export function mayBeCommand(comment: FoundComment): boolean {
  return comment.user?.type === 'User' && comment.created_at === comment.updated_at;
}

/**
 * Builds the trigger of a comment that was found on an issue.
 * @returns null when the comment contains no trigger
 */
export function triggerFromComment(
  repository: Repository,
  issue: FoundIssue,
  comment: FoundComment,
  botName: string | null = null,
): Trigger | null {
  const delivery = {
    action: 'created',
    comment: { ...comment, body: comment.body ?? '' },
    sender: comment.user,
    ...describe(repository, issue),
  };
  const id = `missed-comment-${comment.id}`;
  return unlessEdited(
    triggerFromDelivery('issue_comment', id, delivery, new Date(comment.created_at), botName),
    issue,
  );
}

/**
 * Refuses the trigger if the issue was edited after the time of the trigger. The trigger authorized only the
 * earlier text, and GitHub no longer has that text.
 */
function unlessEdited(trigger: Trigger | null, { editedAt }: FoundIssue): Trigger | null {
  if (!trigger || trigger.refusalReason || editedAt === null) return trigger;
  if (Date.parse(editedAt) <= Date.parse(trigger.at)) return trigger;
  return { ...trigger, refusalReason: { kind: 'edited-since-missed' } };
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
