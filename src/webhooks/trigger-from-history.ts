import { z } from 'zod';
import type { FoundComment } from '../github/comments.js';
import type { Person, Repository, Trigger } from '../task/task.js';
import { triggerFromDelivery } from './trigger-from-delivery.js';

/*
 * Triggers of deliveries that never arrived, found on the issues. They are read like a delivery, so that the
 * same rules apply to them.
 */

/** An issue, as the REST API shows it. */
export interface FoundIssue {
  number: number;
  title: string;
  /** When the title or body was last edited; null: never. */
  editedAt: string | null;
  [field: string]: unknown;
}

/** One of an issue's events. */
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
 * Who added the label last, and when; null if the events do not say, or if it was removed again.
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
  return unlessEdited(
    triggerFromDelivery('issues', `missed-label-event-${eventId}`, delivery, new Date(at)),
    issue,
  );
}

/** Whether the comment may be a command that was never answered: an edit never makes a comment a command. */
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
  return unlessEdited(
    triggerFromDelivery('issue_comment', id, delivery, new Date(comment.created_at)),
    issue,
  );
}

/** The authorized text is the text at that time, and GitHub no longer has it. */
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
