import type { Answer } from '../answer.js';
import { announceOpened, editIssue, setIssueState } from '../changes/issues.js';
import { createPullRequest, findOpenPull, requestReviews, setBase } from '../changes/pull-requests.js';
import { resolveCommit } from '../git/read-repository.js';
import { Refusal, validationFailed } from '../refusal.js';
import { renderFullPullRequest, renderPullRequest } from '../render/pull-request.js';
import { type Issue, isPullRequest, nameOf, type PullRequest } from '../state.js';
import { findIssue, type Needs, notFound, type Operations, type RepositoryCall } from './operation.js';
import { paginate } from './paginate.js';

const read: Needs = { level: 'read', permissions: ['pull_requests'] };
const write: Needs = { level: 'write', permissions: ['pull_requests'] };

export const pullOperations: Operations = {
  'pulls/list': { by: 'repository', needs: read, handle: listPulls },
  'pulls/create': { by: 'repository', needs: write, handle: createPull },
  'pulls/get': { by: 'repository', needs: read, handle: (call) => showPull(call, 200) },
  'pulls/update': { by: 'repository', needs: write, handle: updatePull },
  'pulls/request-reviewers': { by: 'repository', needs: write, handle: requestReviewers },
};

function listPulls(call: RepositoryCall): Answer {
  const { context, repository, query } = call;
  const state = query.state ?? 'open';
  const [owner, head] = /^([^:]+):(.+)$/.exec(query.head ?? '')?.slice(1) ?? [];
  if (query.head && !head)
    context.violations.push(`pulls/list has head=${query.head}; GitHub ignores a head without "owner:"`);
  const by = query.sort === 'updated' ? 'updatedAt' : 'createdAt';
  const sign =
    (query.direction ?? (query.sort && query.sort !== 'created' ? 'asc' : 'desc')) === 'asc' ? 1 : -1;
  const pulls = repository.issues
    .filter(isPullRequest)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter(
      ({ pull }) =>
        !head || (pull.head === head && owner?.toLowerCase() === repository.owner.login.toLowerCase()),
    )
    .filter(({ pull }) => !query.base || pull.base === query.base)
    .sort((one, other) => sign * (one[by].localeCompare(other[by]) || one.number - other.number))
    .map((issue) => renderPullRequest(context, repository, issue));
  return paginate(call, `/repos/${nameOf(repository)}/pulls`, pulls);
}

async function createPull(call: RepositoryCall): Promise<Answer> {
  const { context, repository, body } = call;
  if (body.issue !== undefined || body.head_repo !== undefined)
    throw new Error('local GitHub: pull requests from issues and forks are not supported');
  const [owner, branch] = /^([^:]+):(.+)$/.exec(String(body.head))?.slice(1) ?? [];
  if (owner && owner.toLowerCase() !== repository.owner.login.toLowerCase())
    throw validationFailed('PullRequest', { field: 'head', code: 'invalid' });
  const title = String(body.title ?? '');
  if (body.title === undefined)
    throw validationFailed('PullRequest', { field: 'title', code: 'missing_field' });
  checkTexts({ title, body: body.body });
  const issue = await createPullRequest(context, repository, {
    title,
    body: typeof body.body === 'string' ? body.body : null,
    head: branch ?? String(body.head),
    base: String(body.base),
    draft: body.draft === true,
    author: context.app.bot,
  });
  announceOpened(context, repository, issue).catch((error: unknown) => {
    context.violations.push(`the delivery of pull_request failed: ${error}`);
  });
  return { status: 201, body: await renderFullPullRequest(context, repository, issue) };
}

async function showPull(call: RepositoryCall, status: number): Promise<Answer> {
  return { status, body: await renderFullPullRequest(call.context, call.repository, findPull(call)) };
}

async function updatePull(call: RepositoryCall): Promise<Answer> {
  const { context, repository, body } = call;
  const issue = findPull(call);
  const { pull } = issue;
  checkTexts({ title: body.title, body: body.body });
  if (body.state === 'open' && issue.state === 'closed') await checkReopening(call, issue);
  if (typeof body.base === 'string' && body.base !== pull.base) await setBase(repository, issue, body.base);
  const { bot } = context.app;
  const changes = { title: textOf(body.title), body: body.body === null ? null : textOf(body.body) };
  const sent = [
    editIssue(context, repository, issue, changes, bot),
    body.state === 'open' || body.state === 'closed'
      ? setIssueState(context, repository, issue, body.state, bot)
      : null,
  ];
  Promise.all(sent).catch((error: unknown) => {
    context.violations.push(`the delivery of pull_request failed: ${error}`);
  });
  return showPull(call, 200);
}

/**
 * Checks that a pull request can be reopened.
 * @throws Refusal 422 when it was merged, its branch was deleted, or the branch has another open pull request
 */
async function checkReopening({ repository }: RepositoryCall, { pull }: Issue & { pull: PullRequest }) {
  const refuse = (message: string) =>
    validationFailed('PullRequest', { field: 'state', code: 'invalid', message });
  if (pull.mergedAt) throw refuse('state cannot be changed. The pull request cannot be reopened.');
  if (!(await resolveCommit(repository.folder, `heads/${pull.head}`)))
    throw refuse(`state cannot be changed. The ${pull.head} branch was deleted.`);
  if (findOpenPull(repository, pull.head, pull.base))
    throw refuse(
      `state cannot be changed. There is already an open pull request from ${repository.owner.login}:${pull.head}`,
    );
}

async function requestReviewers(call: RepositoryCall): Promise<Answer> {
  const { context, repository, body } = call;
  const issue = findPull(call);
  const logins = (body.reviewers ?? []) as string[];
  const accounts = logins.map((login) => context.state.findAccount(login));
  const isCollaborator = (account: (typeof accounts)[number]) =>
    account?.type === 'User' &&
    (account === repository.owner || repository.roles.has(account.login.toLowerCase()));
  if (accounts.some((account) => account === issue.author))
    throw new Refusal(422, 'Review cannot be requested from pull request author.');
  if (!accounts.every(isCollaborator))
    throw new Refusal(
      422,
      'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator ' +
        `of the ${nameOf(repository)} repository.`,
    );
  const found = accounts.filter((account) => account !== undefined);
  requestReviews(context, repository, issue, found, context.app.bot).catch((error: unknown) => {
    context.violations.push(`the delivery of review_requested failed: ${error}`);
  });
  return { status: 201, body: renderPullRequest(context, repository, issue) };
}

function findPull(call: RepositoryCall): Issue & { pull: PullRequest } {
  const issue = findIssue(call);
  if (!isPullRequest(issue)) throw notFound();
  return issue;
}

function checkTexts({ title, body }: { title: unknown; body: unknown }): void {
  const refuse = (field: string, message: string) =>
    validationFailed('PullRequest', { field, code: 'custom', message });
  if (typeof title === 'string') {
    if (title.trim() === '') throw refuse('title', "title can't be blank");
    if ([...title].length > 256) throw refuse('title', 'title is too long (maximum is 256 characters)');
  }
  if (typeof body === 'string' && [...body].length > 65_536)
    throw refuse('body', 'body is too long (maximum is 65536 characters)');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
