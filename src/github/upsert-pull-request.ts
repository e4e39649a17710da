import type { Octokit } from '@octokit/rest';
import type { Description } from '../messages/pull-request-body.js';
import type { Repository } from '../task/task.js';
import { findHumanEdits } from './find-human-edits.js';
import { readOpenPull } from './read-open-pull.js';

interface Wanted extends Description {
  head: string;
  base: string;
  draft: boolean;
}

interface Means {
  /** The bot's login, `pullwright[bot]`. */
  bot: string;
  /** Makes a draft of a pull request, or ends its being one. */
  setDraft: (nodeId: string, draft: boolean) => Promise<void>;
}

/** Number and page. */
interface Place {
  number: number;
  url: string;
}

/**
 * Finds the branch's open pull request and brings it up to date, or opens it: never two, however often it is done.
 */
export async function upsertPullRequest(
  octokit: Octokit,
  repository: Repository,
  wanted: Wanted,
  means: Means,
): Promise<Place> {
  const { owner, name: repo } = repository;
  const { title, body, head, base, draft } = wanted;
  const findOpen = async () => {
    const { data } = await octokit.rest.pulls.list({
      owner,
      repo,
      state: 'open',
      head: `${owner}:${head}`,
      per_page: 10,
    });
    // `head` is matched by name: a fork's branch of the same name is none of ours.
    return data.find(
      (pull) =>
        pull.head.ref === head &&
        pull.head.repo?.full_name.toLowerCase() === `${owner}/${repo}`.toLowerCase(),
    );
  };

  const open = await findOpen();
  if (open) return update(octokit, repository, open, wanted, means);
  try {
    const { data } = await octokit.rest.pulls.create({ owner, repo, title, body, head, base, draft });
    return { number: data.number, url: data.html_url };
  } catch (error) {
    if ((error as { status?: number }).status !== 422) throw error;
    // Either someone was quicker, or drafts are not to be had here (private repositories of free accounts).
    const adopted = await findOpen();
    if (adopted) return update(octokit, repository, adopted, wanted, means);
    if (!draft || !/draft/i.test(String((error as Error).message))) throw error;
    const { data } = await octokit.rest.pulls.create({
      owner,
      repo,
      title: `[draft] ${title}`,
      body,
      head,
      base,
    });
    return { number: data.number, url: data.html_url };
  }
}

/**
 * Brings a pull request up to date, and never opens another one.
 * @throws RunEnded when it was merged or closed
 */
export async function updatePullRequest(
  octokit: Octokit,
  repository: Repository,
  number: number,
  wanted: Wanted,
  means: Means,
): Promise<Place> {
  return update(octokit, repository, await readOpenPull(octokit, repository, number), wanted, means);
}

/** What people changed of it stays: the base, a title of theirs, and that it is a draft. */
async function update(
  octokit: Octokit,
  repository: Repository,
  found: { number: number; html_url: string; node_id: string; title: string; draft?: boolean | undefined },
  { title, body, draft }: Wanted,
  { bot, setDraft }: Means,
): Promise<Place> {
  const { number } = found;
  const { owner, name: repo } = repository;
  const isDraft = found.draft ?? false;
  const asked = found.title !== title || (isDraft && !draft);
  const others = asked ? await findHumanEdits(octokit, repository, number, bot) : null;
  const ownTitle = others?.title ? {} : { title };
  await octokit.rest.pulls.update({ owner, repo, pull_number: number, ...ownTitle, body });
  const keepsDraft = isDraft && others?.draft === true;
  if (isDraft !== draft && !keepsDraft) await setDraft(found.node_id, draft);
  return { number, url: found.html_url };
}

/** Only GraphQL knows these two; they ask for a token that may write contents. */
export async function setPullRequestDraft(octokit: Octokit, id: string, draft: boolean): Promise<void> {
  const mutation = draft ? 'convertPullRequestToDraft' : 'markPullRequestReadyForReview';
  await octokit.graphql(
    `mutation ($id: ID!) { ${mutation}(input: { pullRequestId: $id }) { pullRequest { id } } }`,
    { id },
  );
}
