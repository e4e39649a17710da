import type { Octokit } from '@octokit/rest';
import type { Repository } from '../task/task.js';
import type { Description } from './describe.js';

interface Wanted extends Description {
  head: string;
  base: string;
  draft: boolean;
}

/** Makes a draft of a pull request, or ends its being one. */
type SetDraft = (nodeId: string, draft: boolean) => Promise<void>;

/**
 * Finds the branch's open pull request and brings it up to date, or opens it: never two, however often it is done.
 * @returns number and page
 */
export async function upsertPullRequest(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  wanted: Wanted,
  setDraft: SetDraft,
): Promise<{ number: number; url: string }> {
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
  const update = async (found: NonNullable<Awaited<ReturnType<typeof findOpen>>>) => {
    await octokit.rest.pulls.update({ owner, repo, pull_number: found.number, title, body, base });
    if (Boolean(found.draft) !== draft) await setDraft(found.node_id, draft);
    return { number: found.number, url: found.html_url };
  };

  const open = await findOpen();
  if (open) return update(open);
  try {
    const { data } = await octokit.rest.pulls.create({ owner, repo, title, body, head, base, draft });
    return { number: data.number, url: data.html_url };
  } catch (error) {
    if ((error as { status?: number }).status !== 422) throw error;
    // Either someone was quicker, or drafts are not to be had here (private repositories of free accounts).
    const adopted = await findOpen();
    if (adopted) return update(adopted);
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

/** Only GraphQL knows these two; they ask for a token that may write contents. */
export async function setPullRequestDraft(octokit: Octokit, id: string, draft: boolean): Promise<void> {
  const mutation = draft ? 'convertPullRequestToDraft' : 'markPullRequestReadyForReview';
  await octokit.graphql(
    `mutation ($id: ID!) { ${mutation}(input: { pullRequestId: $id }) { pullRequest { id } } }`,
    { id },
  );
}
