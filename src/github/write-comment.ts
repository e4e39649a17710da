import type { Octokit } from '@octokit/rest';
import type { Repository } from '../task/task.js';

interface Place {
  repository: Repository;
  issue: number;
  /** The bot's own login: nobody else's comment is taken for one of its own, whatever it holds. */
  bot: string;
}

/** GitHub's limit is 65,536 characters. */
const maxBody = 60_000;

/**
 * Writes the one comment that carries a marker: edits it where it is, else makes it.
 * @param known its id, where that is known; null: it is looked for
 * @returns its id
 */
export async function writeComment(
  octokit: Octokit,
  place: Place,
  marker: string,
  text: string,
  known: number | null,
): Promise<number> {
  const { owner, name: repo } = place.repository;
  const body = `${text.slice(0, maxBody).toWellFormed()}\n\n${marker}`;
  const edit = async (id: number): Promise<boolean> => {
    try {
      await octokit.rest.issues.updateComment({ owner, repo, comment_id: id, body });
      return true;
    } catch (error) {
      if ((error as { status?: number }).status !== 404) throw error;
      return false;
    }
  };
  if (known !== null && (await edit(known))) return known;
  // Not known, or deleted by someone: people still have to be told. One may be there that we do not know of, since
  // the answer to its creation was lost.
  const found = await findComment(octokit, place, marker);
  if (found !== null && (await edit(found))) return found;
  const { data } = await octokit.rest.issues.createComment({ owner, repo, issue_number: place.issue, body });
  return data.id;
}

/** A marker that somebody else wrote does not count. */
async function findComment(octokit: Octokit, place: Place, marker: string): Promise<number | null> {
  const { owner, name: repo } = place.repository;
  for await (const { data } of octokit.paginate.iterator(octokit.rest.issues.listComments, {
    owner,
    repo,
    issue_number: place.issue,
    per_page: 100,
  })) {
    const found = data.find(({ user, body }) => user?.login === place.bot && body?.includes(marker));
    if (found) return found.id;
  }
  return null;
}
