import { z } from 'zod';
import type { Repository } from '../task/task.js';
import type { GitHub } from './github.js';
import { readPages } from './read-pages.js';

/** An issue or a pull request. GitHub's REST API treats every pull request as an issue. */
export interface GitHubIssue {
  number: number;
  title: string;
  body: string;
  author: string;
  url: string;
  isOpen: boolean;
  isPullRequest: boolean;
  labels: string[];
  assignees: string[];
  /** Time in ISO 8601. */
  updatedAt: string;
  /** All fields of the REST API's response. */
  raw: { [field: string]: unknown };
}

/** @throws RunEndedError if the issue no longer exists */
export function readIssue(github: GitHub, repository: Repository, number: number): Promise<GitHubIssue> {
  return github.call(repository, 'read the issue', async (octokit) => {
    const { data } = await octokit.rest.issues.get({ ...at(repository), issue_number: number });
    return toIssue(data);
  });
}

/** @returns null if the issue no longer exists */
export function findIssue(
  github: GitHub,
  repository: Repository,
  number: number,
): Promise<GitHubIssue | null> {
  return github.call(repository, 'read the issue', (octokit) =>
    octokit.rest.issues.get({ ...at(repository), issue_number: number }).then(
      ({ data }) => toIssue(data),
      (error) => nullIfGone(error),
    ),
  );
}

/**
 * Lists open issues that have at least one label and changed after `since`. Leaves out pull requests. Returns
 * at most 300 issues, newest change first.
 */
export function listLabeledIssues(
  github: GitHub,
  repository: Repository,
  since: Date,
): Promise<GitHubIssue[]> {
  return github.call(repository, 'list the labeled issues', async (octokit) => {
    const pages = octokit.paginate.iterator(octokit.rest.issues.listForRepo, {
      ...at(repository),
      state: 'open',
      sort: 'updated',
      direction: 'desc',
      since: since.toISOString(),
      per_page: 100,
    });
    const issues = (await readPages(pages, 3)).map(toIssue);
    return issues.filter(({ isPullRequest, labels }) => !isPullRequest && labels.length > 0);
  });
}

export async function addLabel(
  github: GitHub,
  repository: Repository,
  issue: number,
  label: string,
): Promise<void> {
  await github.call(
    repository,
    'add a label',
    (octokit) => octokit.rest.issues.addLabels({ ...at(repository), issue_number: issue, labels: [label] }),
    'write-issues',
  );
}

/** Assigns people to an issue. GitHub leaves out those who cannot be assigned, without an error. */
export async function addAssignees(
  github: GitHub,
  repository: Repository,
  issue: number,
  assignees: string[],
): Promise<void> {
  await github.call(
    repository,
    'assign the issue',
    (octokit) => octokit.rest.issues.addAssignees({ ...at(repository), issue_number: issue, assignees }),
    'write-issues',
  );
}

/** Adds the bot's reaction to an issue. GitHub ignores a repeated reaction of the same kind. */
export async function reactToIssue(
  github: GitHub,
  repository: Repository,
  issue: number,
  content: 'eyes' | 'confused',
): Promise<void> {
  await github.call(
    repository,
    'react to the issue',
    (octokit) => octokit.rest.reactions.createForIssue({ ...at(repository), issue_number: issue, content }),
    'write-issues',
  );
}

/**
 * Removes a label. Does nothing if the label is already missing. In this case, either a person removed it, or
 * this step removed it before a crash.
 */
export async function removeLabel(
  github: GitHub,
  repository: Repository,
  issue: number,
  label: string,
): Promise<void> {
  await github.call(
    repository,
    'remove a label',
    (octokit) =>
      octokit.rest.issues
        .removeLabel({ ...at(repository), issue_number: issue, name: label })
        .catch((error) => nullIfGone(error)),
    'write-issues',
  );
}

/** Only GraphQL reports when the title or the body of an issue was edited. */
const editsQuery = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      lastEditedAt
      timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 1) { nodes { ... on RenamedTitleEvent { createdAt } } }
    }
  }
}`;
const Edits = z.object({
  repository: z.object({
    issue: z.object({
      lastEditedAt: z.string().nullable(),
      timelineItems: z.object({ nodes: z.array(z.object({ createdAt: z.string() })) }),
    }),
  }),
});

/** @returns the time of the last edit of the issue's title or body, in ISO 8601; null if there was no edit */
export async function findLastEdit(
  github: GitHub,
  repository: Repository,
  number: number,
): Promise<string | null> {
  const { owner, name } = repository;
  const answer: unknown = await github.call(repository, 'check whether the issue was edited', (octokit) =>
    octokit.graphql(editsQuery, { owner, name, number }),
  );
  const { issue } = Edits.parse(answer).repository;
  const times = [issue.lastEditedAt, ...issue.timelineItems.nodes.map(({ createdAt }) => createdAt)];
  return (
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null
  );
}

/**
 * Reads the newest events of an issue. Reads at least 100 events, or all events if there are fewer.
 * @returns the events in the order in which they happened
 */
export function readLastEvents(github: GitHub, repository: Repository, number: number): Promise<unknown[]> {
  const maxPages = 3;
  return github.call(repository, "read the issue's events", async (octokit) => {
    const readPage = (page: number) =>
      octokit.rest.issues.listEvents({ ...at(repository), issue_number: number, per_page: 100, page });
    const first = await readPage(1);
    const last = lastPage(first.headers.link);
    const pages: unknown[][] = [];
    for (let page = Math.max(2, last - maxPages + 2); page <= last; page++)
      pages.push((await readPage(page)).data);
    return last <= maxPages ? [first.data, ...pages].flat() : pages.flat();
  });
}

/** Asks for the pull requests that GitHub has linked to an issue because they close it. */
const closersQuery = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      closedByPullRequestsReferences(first: 20, includeClosedPrs: true) {
        nodes { number state author { login } }
      }
    }
  }
}`;
const Closers = z.object({
  repository: z.object({
    issue: z.object({
      closedByPullRequestsReferences: z.object({
        nodes: z.array(
          z.object({
            number: z.number(),
            /** One of `OPEN`, `CLOSED` and `MERGED`. */
            state: z.string(),
            author: z.object({ login: z.string() }).nullable(),
          }),
        ),
      }),
    }),
  }),
});

export async function listClosingPullRequests(github: GitHub, repository: Repository, number: number) {
  const { owner, name } = repository;
  const answer: unknown = await github.call(
    repository,
    'list the pull requests that close the issue',
    (octokit) => octokit.graphql(closersQuery, { owner, name, number }),
  );
  return Closers.parse(answer).repository.issue.closedByPullRequestsReferences.nodes;
}

/** Returns the repository in the form that octokit's requests require. */
export function at({ owner, name }: Repository): { owner: string; repo: string } {
  return { owner, repo: name };
}

/**
 * Returns null if the error is a response of GitHub with status 404 or 410.
 * @throws the error itself in all other cases
 */
export function nullIfGone(error: unknown): null {
  const { status } = error as { status?: number };
  if (status === 404 || status === 410) return null;
  throw error;
}

/**
 * Returns the number of a list's last page; 1 if there is only one page.
 * @param link the response's `Link` header
 */
export function lastPage(link: string | undefined): number {
  return Number(/[?&]page=(\d+)[^>]*>; rel="last"/.exec(link ?? '')?.[1] ?? 1);
}

interface RestIssue {
  number: number;
  title: string;
  body?: string | null | undefined;
  user: { login: string } | null;
  html_url: string;
  state: string;
  pull_request?: unknown;
  labels: (string | { name?: string | undefined })[];
  assignees?: { login: string }[] | null | undefined;
  updated_at: string;
}

function toIssue(data: RestIssue): GitHubIssue {
  return {
    number: data.number,
    title: data.title,
    body: data.body ?? '',
    author: data.user?.login ?? 'ghost',
    url: data.html_url,
    isOpen: data.state === 'open',
    isPullRequest: data.pull_request !== undefined,
    labels: data.labels
      .map((label) => (typeof label === 'string' ? label : (label.name ?? '')))
      .filter(Boolean),
    assignees: data.assignees?.map(({ login }) => login) ?? [],
    updatedAt: data.updated_at,
    raw: { ...data },
  };
}
