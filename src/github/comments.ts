import type { Octokit } from '@octokit/rest';
import type { Person, Repository } from '../task/task.js';
import type { GitHub } from './github.js';
import { at, lastPage, nullIfGone } from './issues.js';
import { readPages } from './read-pages.js';

/** A comment on an issue or pull request, in the format of GitHub's REST API. */
export interface FoundComment {
  id: number;
  body?: string | undefined;
  created_at: string;
  updated_at: string;
  user: Person | null;
  performed_via_github_app?: unknown;
}

/** @returns null if the comment no longer exists */
export function findComment(
  github: GitHub,
  repository: Repository,
  id: number,
): Promise<FoundComment | null> {
  return github.call(repository, 'read the comment', (octokit) =>
    octokit.rest.issues.getComment({ ...at(repository), comment_id: id }).then(
      ({ data }) => data,
      (error) => nullIfGone(error),
    ),
  );
}

const commentsPerPage = 100;
/**
 * Maximum number of pages that are fetched. These are the last pages, because an agent needs the end of a
 * discussion more than its beginning.
 */
const maxCommentPages = 5;

/**
 * @returns the issue's newest comments, oldest first, and the number of older comments that were not fetched
 */
export function listComments(
  github: GitHub,
  repository: Repository,
  issue: number,
): Promise<{ comments: FoundComment[]; unread: number }> {
  return github.call(repository, "read the issue's comments", async (octokit) => {
    const readPage = (page: number) =>
      octokit.rest.issues.listComments({
        ...at(repository),
        issue_number: issue,
        per_page: commentsPerPage,
        page,
      });
    const first = await readPage(1);
    const last = lastPage(first.headers.link);
    const from = Math.max(2, last - maxCommentPages + 1);
    const comments: FoundComment[] = from === 2 ? [...first.data] : [];
    for (let page = from; page <= last; page++) comments.push(...(await readPage(page)).data);
    return { comments, unread: from === 2 ? 0 : (from - 1) * commentsPerPage };
  });
}

/**
 * Lists a repository's comments that are newer than `since`, newest first. Returns at most 1,000 comments.
 * `issue_url` identifies the issue that a comment belongs to.
 */
export function listRecentComments(
  github: GitHub,
  repository: Repository,
  since: Date,
): Promise<(FoundComment & { issue_url: string; reactions?: { eyes: number } | undefined })[]> {
  return github.call(repository, 'read the recent comments', (octokit) => {
    const pages = octokit.paginate.iterator(octokit.rest.issues.listCommentsForRepo, {
      ...at(repository),
      sort: 'created',
      direction: 'desc',
      since: since.toISOString(),
      per_page: 100,
    });
    return readPages(pages, 10, ({ created_at }) => new Date(created_at) >= since);
  });
}

/** Adds the bot's reaction to a comment. GitHub ignores a repeated reaction of the same kind. */
export async function reactToComment(
  github: GitHub,
  repository: Repository,
  comment: number,
  content: 'eyes' | 'confused',
): Promise<void> {
  await github.call(
    repository,
    'react to the comment',
    (octokit) =>
      octokit.rest.reactions.createForIssueComment({ ...at(repository), comment_id: comment, content }),
    'write-issues',
  );
}

/** @returns whether the bot has added the reaction 👀 to the comment */
export async function hasOwnReaction(
  github: GitHub,
  repository: Repository,
  comment: number,
): Promise<boolean> {
  const { login: bot } = await github.bot();
  return github.call(repository, "read a comment's reactions", async (octokit) => {
    const all = await octokit.paginate(octokit.rest.reactions.listForIssueComment, {
      ...at(repository),
      comment_id: comment,
      content: 'eyes',
      per_page: 100,
    });
    return all.some(({ user }) => user?.login === bot);
  });
}

/**
 * Maximum length of a text, in characters. GitHub's limit is 65,536. The difference leaves room for the
 * marker.
 */
const maxBody = 60_000;

/**
 * Writes a comment of the bot, with a marker that identifies the comment. If the bot already has a comment
 * with this marker, edits that comment.
 * @param known the comment's id, if the caller knows it; if it is null, this function searches for the
 * comment
 * @returns the comment's id
 */
export async function writeComment(
  github: GitHub,
  place: { repository: Repository; issue: number },
  marker: string,
  text: string,
  known: number | null,
): Promise<number> {
  const { repository, issue } = place;
  const { login: bot } = await github.bot();
  const body = `${text.slice(0, maxBody).toWellFormed()}\n\n${marker}`;
  return github.call(
    repository,
    'write on the issue',
    async (octokit) => {
      if (known !== null && (await edit(octokit, repository, known, body))) return known;
      // The caller does not know the id, or the comment with this id was deleted. Search for the marker,
      // because an earlier request may have created a comment although its response was lost.
      const found = await findOwnComment(octokit, place, bot, marker);
      if (found !== null && (await edit(octokit, repository, found, body))) return found;
      const { data } = await octokit.rest.issues.createComment({
        ...at(repository),
        issue_number: issue,
        body,
      });
      return data.id;
    },
    'write-issues',
  );
}

/** @returns false if the comment no longer exists */
async function edit(octokit: Octokit, repository: Repository, id: number, body: string): Promise<boolean> {
  const edited = await octokit.rest.issues
    .updateComment({ ...at(repository), comment_id: id, body })
    .catch((error) => nullIfGone(error));
  return edited !== null;
}

/**
 * Finds the bot's own comment with the marker. Ignores comments by others, because people can copy the marker
 * into their comments.
 */
async function findOwnComment(
  octokit: Octokit,
  { repository, issue }: { repository: Repository; issue: number },
  bot: string,
  marker: string,
): Promise<number | null> {
  for await (const { data } of octokit.paginate.iterator(octokit.rest.issues.listComments, {
    ...at(repository),
    issue_number: issue,
    per_page: 100,
  })) {
    const found = data.find(({ user, body }) => user?.login === bot && body?.includes(marker));
    if (found) return found.id;
  }
  return null;
}
