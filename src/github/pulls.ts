import type { Octokit } from '@octokit/rest';
import { RunEndedError } from '../runs/outcome.js';
import type { Repository } from '../task/task.js';
import { findHumanEdits } from './find-human-edits.js';
import type { GitHub } from './github.js';
import { at } from './issues.js';

export interface PullRequest {
  number: number;
  url: string;
}

export interface PullRequestContent {
  title: string;
  body: string;
  /** Name of the bot's branch. */
  head: string;
  base: string;
  draft: boolean;
  /** Returns whether an existing pull request keeps its title. Default: no title is kept. */
  keepsTitle?: (title: string) => boolean;
}

export interface FoundPull {
  number: number;
  url: string;
  nodeId: string;
  title: string;
  isOpen: boolean;
  isMerged: boolean;
  isDraft: boolean;
  headSha: string;
  baseRef: string;
  baseSha: string;
}

export function readPull(github: GitHub, repository: Repository, number: number): Promise<FoundPull> {
  return github.call(repository, 'read the pull request', async (octokit) => {
    const { data } = await octokit.rest.pulls.get({ ...at(repository), pull_number: number });
    return { ...toPull(data), isMerged: data.merged };
  });
}

/** @throws RunEndedError if the pull request was merged or closed, because new commits would not reach it */
export async function readOpenPull(
  github: GitHub,
  repository: Repository,
  number: number,
): Promise<FoundPull> {
  const pull = await readPull(github, repository, number);
  if (pull.isMerged) throw new RunEndedError({ kind: 'stopped', reason: 'The pull request was merged.' });
  if (!pull.isOpen) throw new RunEndedError({ kind: 'stopped', reason: 'The pull request was closed.' });
  return pull;
}

/**
 * Updates the branch's open pull request. Opens one if there is none. Repeated calls never open a second one.
 */
export async function upsertPullRequest(
  github: GitHub,
  repository: Repository,
  content: PullRequestContent,
): Promise<PullRequest> {
  const found = await github.call(
    repository,
    'open the pull request',
    async (octokit) =>
      (await findOpen(octokit, repository, content.head)) ?? open(octokit, repository, content),
    'write-issues',
  );
  return 'isOpen' in found ? update(github, repository, found, content) : found;
}

/**
 * Updates a pull request. Never opens another one.
 * @throws RunEndedError if the pull request was merged or closed
 */
export async function updatePullRequest(
  github: GitHub,
  repository: Repository,
  number: number,
  content: PullRequestContent,
): Promise<PullRequest> {
  return update(github, repository, await readOpenPull(github, repository, number), content);
}

/** @returns the new pull request, or an open one that someone else created first */
async function open(
  octokit: Octokit,
  repository: Repository,
  { title, body, head, base, draft }: PullRequestContent,
): Promise<PullRequest | FoundPull> {
  const create = async (fields: { title: string; draft?: boolean }) => {
    const { data } = await octokit.rest.pulls.create({ ...at(repository), ...fields, body, head, base });
    return { number: data.number, url: data.html_url };
  };
  try {
    return await create({ title, draft });
  } catch (error) {
    if ((error as { status?: number }).status !== 422) throw error;
    const other = await findOpen(octokit, repository, head);
    if (other) return other;
    // Private repositories of free accounts have no drafts, so the title marks the draft instead.
    if (!draft || !/draft/i.test(String((error as Error).message))) throw error;
    return create({ title: `[draft] ${title}` });
  }
}

async function findOpen(octokit: Octokit, repository: Repository, head: string): Promise<FoundPull | null> {
  const { owner, name } = repository;
  const { data } = await octokit.rest.pulls.list({
    ...at(repository),
    state: 'open',
    head: `${owner}:${head}`,
    per_page: 10,
  });
  // GitHub compares only the name of the branch, so the answer can contain a fork's branch of the same name.
  const found = data.find(
    (pull) =>
      pull.head.ref === head && pull.head.repo?.full_name.toLowerCase() === `${owner}/${name}`.toLowerCase(),
  );
  return found ? toPull(found) : null;
}

/** Updates a pull request. Keeps its base. Keeps a title or a draft state that a person set. */
async function update(
  github: GitHub,
  repository: Repository,
  found: FoundPull,
  { title, body, draft, keepsTitle }: PullRequestContent,
): Promise<PullRequest> {
  const { number, url, isDraft } = found;
  const isKept = keepsTitle?.(found.title) ?? false;
  const mayOverwrite = (found.title !== title && !isKept) || (isDraft && !draft);
  const edits = mayOverwrite ? await findHumanEdits(github, repository, number) : null;
  await github.call(
    repository,
    'update the pull request',
    (octokit) =>
      octokit.rest.pulls.update({
        ...at(repository),
        pull_number: number,
        ...(isKept || edits?.title ? {} : { title }),
        body,
      }),
    'write-issues',
  );
  const keepsDraft = isDraft && edits?.draft === true;
  if (isDraft !== draft && !keepsDraft) await setDraft(github, repository, found.nodeId, draft);
  return { number, url };
}

/**
 * Requests a review from people. GitHub notifies them, also if they have reviewed the pull request before.
 * @returns false if GitHub refuses it, for example because one of them is no collaborator
 */
export function requestReview(
  github: GitHub,
  repository: Repository,
  number: number,
  reviewers: string[],
): Promise<boolean> {
  return github.call(
    repository,
    'request a review',
    (octokit) =>
      octokit.rest.pulls.requestReviewers({ ...at(repository), pull_number: number, reviewers }).then(
        () => true,
        (error) => {
          if ((error as { status?: number }).status === 422) return false;
          throw error;
        },
      ),
    'write-issues',
  );
}

/** Only GraphQL can change the draft state. GitHub requires write access to contents for this. */
async function setDraft(github: GitHub, repository: Repository, id: string, draft: boolean): Promise<void> {
  const mutation = draft ? 'convertPullRequestToDraft' : 'markPullRequestReadyForReview';
  await github.call(
    repository,
    draft ? 'convert the pull request to a draft' : 'mark the pull request as ready',
    (octokit) =>
      octokit.graphql(
        `mutation ($id: ID!) { ${mutation}(input: { pullRequestId: $id }) { pullRequest { id } } }`,
        { id },
      ),
    'change-pull-request',
  );
}

interface RestPull {
  number: number;
  html_url: string;
  node_id: string;
  title: string;
  state: string;
  draft?: boolean | undefined;
  head: { sha: string };
  base: { ref: string; sha: string };
}

function toPull(data: RestPull): FoundPull {
  return {
    number: data.number,
    url: data.html_url,
    nodeId: data.node_id,
    title: data.title,
    isOpen: data.state === 'open',
    isMerged: false,
    isDraft: data.draft ?? false,
    headSha: data.head.sha,
    baseRef: data.base.ref,
    baseSha: data.base.sha,
  };
}
