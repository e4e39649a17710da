import type { Answer, Json } from '../answer.js';
import type { Context } from '../context.js';
import type { RestRequest, RestValidation } from '../openapi/validate-rest.js';
import { Refusal } from '../refusal.js';
import { appOperations } from './apps.js';
import { authorize } from './authorize.js';
import { checkOperations } from './checks.js';
import { commentOperations } from './comments.js';
import { hookDeliveryOperations } from './hook-deliveries.js';
import { issueOperations } from './issues.js';
import { markdownOperations } from './markdown.js';
import { type Call, notFound, type Operation, type Operations } from './operation.js';
import { pullOperations } from './pulls.js';
import { repositoryOperations } from './repositories.js';

/** All REST operations that the local GitHub implements, by GitHub's operation id. */
export const operations: Operations = {
  ...appOperations,
  ...hookDeliveryOperations,
  ...repositoryOperations,
  ...issueOperations,
  ...commentOperations,
  ...pullOperations,
  ...checkOperations,
  ...markdownOperations,
};

/**
 * Handles a REST request as GitHub would. Records a violation when the request or the response does not match
 * GitHub's description.
 */
export async function handleRest(
  context: Context,
  validation: RestValidation,
  request: RestRequest,
): Promise<Answer> {
  const violate = (what: string) => context.violations.push(`${request.method} ${request.path}: ${what}`);
  try {
    const caller = context.tokens.identify(request.headers.authorization);
    if (!request.headers['user-agent']) {
      violate('the request has no User-Agent header');
      throw new Refusal(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      );
    }
    const moved = findMoved(context, request.path);
    if (moved)
      return {
        status: 301,
        headers: { location: moved },
        body: { message: 'Moved Permanently', url: moved },
      };
    const followed = { ...request, path: followId(context, request.path) };
    const matched = validation.match(followed);
    const operation = matched && operations[matched.id];
    if (!operation) {
      violate('the local GitHub has no such operation; README.md explains how to add an operation of GitHub');
      throw notFound();
    }
    const { params } = matched;
    const repository = authorize(context, operation, caller, params);
    const faults = validation.checkRequest(matched, followed);
    if (faults.length > 0) {
      for (const fault of faults) violate(`the request does not match GitHub's description: ${fault}`);
      throw new Refusal(422, `Invalid request.\n\n${faults.join('\n')}`);
    }
    const call: Call = {
      context,
      caller,
      params,
      query: request.query,
      body: (request.body ?? {}) as Json,
      accept: request.headers.accept ?? '',
      authorization: request.headers.authorization,
    };
    const answer = await run(operation, call, repository);
    if (!Buffer.isBuffer(answer.body)) {
      const body = JSON.parse(JSON.stringify(answer.body ?? null)) as unknown;
      for (const fault of validation.checkAnswer(matched, answer.status, body))
        violate(`the answer ${answer.status} does not match GitHub's description: ${fault}`);
    }
    return answer;
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    violate(`the local GitHub itself failed: ${error instanceof Error ? error.stack : error}`);
    return { status: 500, body: { message: 'Server Error' } };
  }
}

function run(
  operation: Operation,
  call: Call,
  repository: Call['context']['state']['repositories'][number] | null,
) {
  if (operation.by !== 'repository') return operation.handle(call);
  if (!repository) throw notFound();
  return operation.handle({ ...call, repository });
}

/**
 * Finds the redirect for a path that contains a repository's former name.
 * @returns a URL with the repository's id, which `followId` resolves; null when no redirect is needed
 */
function findMoved({ state, api }: Context, path: string): string | null {
  const [, fullName = '', rest = ''] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(path) ?? [];
  if (!fullName || state.findRepository(fullName)) return null;
  const repository = state.formerNames.get(fullName.toLowerCase());
  return repository ? `${api}/repositories/${repository.id}${rest}` : null;
}

function followId({ state }: Context, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(.*)$/.exec(path) ?? [];
  const repository = state.repositories.find((candidate) => candidate.id === Number(id));
  return repository ? `/repos/${repository.owner.login}/${repository.name}${rest}` : path;
}
