import { type Answer, type Json, type Parts, Refusal } from '../parts.js';
import type { RestRequest, RestValidation } from '../validate-rest.js';
import { appOperations } from './apps.js';
import { authorize } from './authorize.js';
import { checkOperations } from './checks.js';
import { commentOperations } from './comments.js';
import { hookDeliveryOperations } from './hook-deliveries.js';
import { issueOperations } from './issues.js';
import { type Call, notFound, type Operation, type Operations } from './operation.js';
import { pullOperations } from './pulls.js';
import { repositoryOperations } from './repositories.js';

const operations: Operations = {
  ...appOperations,
  ...hookDeliveryOperations,
  ...repositoryOperations,
  ...issueOperations,
  ...commentOperations,
  ...pullOperations,
  ...checkOperations,
};

/** Answers a REST request as GitHub would, and notes where request or answer are not as GitHub describes them. */
export async function handleRest(
  parts: Parts,
  validation: RestValidation,
  request: RestRequest,
): Promise<Answer> {
  const violate = (what: string) => parts.violations.push(`${request.method} ${request.path}: ${what}`);
  try {
    const caller = parts.tokens.identify(request.headers.authorization);
    if (!request.headers['user-agent']) {
      violate('no User-Agent header');
      throw new Refusal(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      );
    }
    const moved = findMoved(parts, request.path);
    if (moved)
      return {
        status: 301,
        headers: { location: moved },
        body: { message: 'Moved Permanently', url: moved },
      };
    const followed = { ...request, path: followId(parts, request.path) };
    const matched = validation.match(followed);
    const operation = matched && operations[matched.id];
    if (!operation) {
      violate('no such operation in the OpenAPI description, or none that is played here');
      throw notFound();
    }
    const { params } = matched;
    const repository = authorize(parts, operation, caller, params);
    const faults = validation.checkRequest(matched, followed);
    if (faults.length > 0) {
      for (const fault of faults) violate(`request: ${fault}`);
      throw new Refusal(422, `Invalid request.\n\n${faults.join('\n')}`);
    }
    const call: Call = {
      parts,
      caller,
      params,
      query: request.query,
      body: (request.body ?? {}) as Json,
      accept: request.headers.accept ?? '',
    };
    const answer = await run(operation, call, repository);
    if (!Buffer.isBuffer(answer.body)) {
      const body = JSON.parse(JSON.stringify(answer.body ?? null)) as unknown;
      for (const fault of validation.checkAnswer(matched, answer.status, body))
        violate(`answer ${answer.status}: ${fault}`);
    }
    return answer;
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    violate(`the local GitHub failed: ${error instanceof Error ? error.stack : error}`);
    return { status: 500, body: { message: 'Server Error' } };
  }
}

function run(
  operation: Operation,
  call: Call,
  repository: Call['parts']['state']['repositories'][number] | null,
) {
  if (operation.by !== 'repository') return operation.handle(call);
  if (!repository) throw notFound();
  return operation.handle({ ...call, repository });
}

/** A renamed repository's old address leads to its id, which `followId` understands. */
function findMoved({ state, api }: Parts, path: string): string | null {
  const [, fullName = '', rest = ''] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(path) ?? [];
  if (!fullName || state.findRepository(fullName)) return null;
  const repository = state.formerNames.get(fullName.toLowerCase());
  return repository ? `${api}/repositories/${repository.id}${rest}` : null;
}

function followId({ state }: Parts, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(.*)$/.exec(path) ?? [];
  const repository = state.repositories.find((candidate) => candidate.id === Number(id));
  return repository ? `/repos/${repository.owner.login}/${repository.name}${rest}` : path;
}
