import { z } from 'zod';
import { Person, type Trigger } from '../task/task.js';
import { parseCommand } from './parse-command.js';

/** Postgres keeps neither NUL nor halves of surrogate pairs in JSON; neither means anything in a person's text. */
const text = z.string().transform((value) => value.replaceAll('\0', '').toWellFormed());

/** What is read of a delivery; GitHub sends far more. */
const Payload = z.object({
  action: z.string(),
  issue: z.object({
    number: z.number().int(),
    title: text,
    body: text.nullish(),
    state: z.string(),
    locked: z.boolean().nullish(),
    html_url: z.string(),
    user: z.object({ login: z.string() }).nullish(),
    updated_at: z.string().nullish(),
    pull_request: z.object({}).nullish(),
  }),
  label: z.object({ name: text }).optional(),
  comment: z
    .object({
      id: z.number().int(),
      body: text,
      created_at: z.string(),
      performed_via_github_app: z.object({ id: z.number() }).nullish(),
    })
    .optional(),
  repository: z.object({
    id: z.number().int(),
    name: z.string(),
    owner: z.object({ login: z.string() }),
    default_branch: z.string(),
    private: z.boolean(),
    archived: z.boolean().nullish(),
  }),
  sender: Person,
  installation: z.object({ id: z.number().int() }),
});

/**
 * What a delivery asks for; null when it asks for nothing. Pure: who may ask is decided later.
 * @throws z.ZodError when the delivery does not have GitHub's shape
 */
export function triggerFromDelivery(
  event: string,
  deliveryId: string,
  delivery: unknown,
  now: Date,
): Trigger | null {
  const { action } = z.object({ action: z.string().optional() }).parse(delivery);
  if (!(event === 'issues' && action === 'labeled') && !(event === 'issue_comment' && action === 'created'))
    return null;
  const payload = Payload.parse(delivery);
  const { issue, repository, sender, comment, label } = payload;
  const common = {
    deliveryId,
    repository: {
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      defaultBranch: repository.default_branch,
      private: repository.private,
      installationId: payload.installation.id,
    },
    issue: {
      number: issue.number,
      title: issue.title,
      body: issue.body ?? '',
      author: issue.user?.login ?? 'ghost',
      url: issue.html_url,
    },
    sender,
    obstacle: findObstacle(payload),
  };
  if (label)
    return { kind: 'label', label: label.name, at: issue.updated_at ?? now.toISOString(), ...common };
  // A bot's comment never triggers, not even to be refused: two bots would answer each other for ever.
  if (
    !comment ||
    sender.type !== 'User' ||
    sender.login.endsWith('[bot]') ||
    comment.performed_via_github_app
  )
    return null;
  const command = parseCommand(comment.body);
  return (
    command && {
      kind: 'command',
      words: command.words,
      commentId: comment.id,
      at: comment.created_at,
      ...common,
    }
  );
}

function findObstacle({ issue, repository }: z.infer<typeof Payload>): string | null {
  if (repository.archived) return 'the repository is archived';
  if (issue.pull_request) return 'I take issues; this is a pull request';
  if (issue.state !== 'open') return 'the issue is closed; reopen it first';
  if (issue.locked) return 'the issue is locked; unlock it first';
  return null;
}
