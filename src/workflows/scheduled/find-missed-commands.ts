import { listKnownComments } from '../../database/deliveries.js';
import { hasOwnReaction, listRecentComments } from '../../github/comments.js';
import { findLastEdit, readIssue } from '../../github/issues.js';
import type { Repository, Trigger } from '../../task/task.js';
import { parseCommand } from '../../webhooks/parse-command.js';
import { type FoundIssue, mayBeCommand, triggerFromComment } from '../../webhooks/trigger-from-history.js';
import type { Dependencies } from '../dependencies.js';
import type { SearchPlace } from './look-back.js';

type FindDependencies = Pick<Dependencies, 'db' | 'github'>;

/** Finds commands that no delivery has reported and that the bot has not answered, oldest first. */
export async function findMissedCommands(
  { db, github }: FindDependencies,
  { repository, commentsSince }: SearchPlace,
): Promise<Trigger[]> {
  const { name } = await github.bot();
  const comments = await listRecentComments(github, repository, commentsSince);
  const commands = comments
    .filter((comment) => mayBeCommand(comment) && parseCommand(comment.body ?? '', name))
    .reverse();
  const ids = commands.map(({ id }) => id);
  const known = await listKnownComments(db, repository.id, ids);
  const triggers: Trigger[] = [];
  for (const comment of commands) {
    if (known.has(comment.id)) continue;
    // The bot reacted to this comment before, so it received the command. Only the delivery's record is gone.
    if (comment.reactions?.eyes && (await hasOwnReaction(github, repository, comment.id))) continue;
    const issue = await readFoundIssue(github, repository, comment.issue_url);
    const trigger = triggerFromComment(repository, issue, comment, name);
    if (trigger) triggers.push(trigger);
  }
  return triggers;
}

/**
 * Reads the issue of a comment.
 * @param url the address of the issue in GitHub's REST API
 */
async function readFoundIssue(
  github: Dependencies['github'],
  repository: Repository,
  url: string,
): Promise<FoundIssue> {
  const issue = await readIssue(github, repository, Number(url.split('/').at(-1)));
  const editedAt = issue.isPullRequest ? null : await findLastEdit(github, repository, issue.number);
  return { ...issue.raw, number: issue.number, title: issue.title, editedAt };
}
