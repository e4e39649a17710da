import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import { readCommit } from '../git/read-repository.js';
import { type CheckRun, isPullRequest, type Repository } from '../state.js';
import { renderApp } from './app.js';
import { nodeId } from './node-id.js';
import { apiUrlOf, webUrlOf } from './repository.js';

/** Renders a check run in the format of GitHub's schema `check-run`. */
export function renderCheckRun(context: Context, repository: Repository, run: CheckRun): Json {
  const url = `${apiUrlOf(context, repository)}/check-runs/${run.id}`;
  const page = `${webUrlOf(context, repository)}/runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId('CR', run.id),
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      ...run.output,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: renderApp(context, run.app),
    pull_requests: renderPullRequests(context, repository, run.headSha),
  };
}

/** Renders a check run with its suite for webhook payloads. */
export function renderCheckRunWithSuite(context: Context, repository: Repository, run: CheckRun): Json {
  const branch = repository.issues.find((issue) => issue.pull?.headSha === run.headSha)?.pull?.head ?? null;
  return {
    ...renderCheckRun(context, repository, run),
    check_suite: {
      id: run.suiteId,
      node_id: nodeId('CS', run.suiteId),
      head_branch: branch,
      head_sha: run.headSha,
      status: run.status,
      conclusion: run.conclusion,
      url: `${apiUrlOf(context, repository)}/check-suites/${run.suiteId}`,
      before: null,
      after: run.headSha,
      pull_requests: renderPullRequests(context, repository, run.headSha),
      app: renderApp(context, run.app),
      created_at: run.startedAt,
      updated_at: run.completedAt ?? run.startedAt,
    },
  };
}

/** Renders a check suite for webhook payloads. */
export async function renderCheckSuite(
  context: Context,
  repository: Repository,
  runs: readonly [CheckRun, ...CheckRun[]],
): Promise<Json> {
  const [first] = runs;
  const { check_suite } = renderCheckRunWithSuite(context, repository, first);
  const suite = check_suite as Json;
  const failed = runs.find(({ conclusion }) => conclusion !== 'success');
  const { sha, tree, message, author, committer, date } = await readHead(repository.folder, first.headSha);
  return {
    ...suite,
    conclusion: failed?.conclusion ?? 'success',
    latest_check_runs_count: runs.length,
    check_runs_url: `${suite.url}/check-runs`,
    head_commit: { id: sha, tree_id: tree, message, timestamp: date, author, committer },
  };
}

async function readHead(folder: string, sha: string) {
  const { tree, message, author, committer } = await readCommit(folder, sha);
  const person = ({ name, email }: { name: string; email: string }) => ({ name, email });
  return { sha, tree, message, author: person(author), committer: person(committer), date: committer.date };
}

function renderPullRequests(context: Context, repository: Repository, headSha: string): Json[] {
  const repo = { id: repository.id, url: apiUrlOf(context, repository), name: repository.name };
  return repository.issues
    .filter(isPullRequest)
    .filter(({ pull, state }) => state === 'open' && pull.headSha === headSha)
    .map(({ id, number, pull }) => ({
      id,
      number,
      url: `${apiUrlOf(context, repository)}/pulls/${number}`,
      head: { ref: pull.head, sha: pull.headSha, repo },
      base: { ref: pull.base, sha: pull.baseSha, repo },
    }));
}
