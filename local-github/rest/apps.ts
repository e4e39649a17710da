import type { Json } from '../answer.js';
import { Refusal } from '../refusal.js';
import { renderProfile } from '../render/account.js';
import { renderApp, renderInstallation } from '../render/app.js';
import { renderRepository } from '../render/repository.js';
import { type Installation, nameOf, type Repository } from '../state.js';
import { type Call, notFound, type Operations } from './operation.js';
import { paginate } from './paginate.js';

/** REST operations on the App itself, on its installations and their tokens, on rate limits, and on users. */
export const appOperations: Operations = {
  'apps/get-authenticated': {
    by: 'app',
    handle: ({ context }) => ({
      status: 200,
      body: { ...renderApp(context), installations_count: context.state.installations.length },
    }),
  },
  'apps/list-installations': {
    by: 'app',
    handle: (call) =>
      paginate(
        call,
        '/app/installations',
        call.context.state.installations.map((installation) =>
          renderInstallation(call.context, installation),
        ),
      ),
  },
  'apps/get-installation': {
    by: 'app',
    handle: (call) => ({ status: 200, body: renderInstallation(call.context, findInstallation(call)) }),
  },
  'apps/get-repo-installation': {
    by: 'app',
    handle: ({ context, params }) => {
      const repository = context.state.findRepository(`${params.owner}/${params.repo}`);
      const found = context.state.installations.find(({ account }) => account === repository?.owner);
      if (!found) throw notFound();
      return { status: 200, body: renderInstallation(context, found) };
    },
  },
  'apps/create-installation-access-token': { by: 'app', handle: createToken },
  'apps/list-repos-accessible-to-installation': {
    by: 'installation',
    handle: (call) => {
      if (call.caller.kind !== 'installation') throw notFound();
      const { installation, repositories, permissions } = call.caller.token;
      const covered = call.context.state
        .repositoriesOf(installation)
        .filter(({ id }) => !repositories || repositories.includes(id))
        .map((repository) => ({
          ...renderRepository(call.context, repository),
          permissions: {
            admin: false,
            push: permissions.contents === 'write',
            pull: permissions.contents !== undefined,
          },
        }));
      return paginate(call, '/installation/repositories', covered, (page) => ({
        total_count: covered.length,
        repository_selection: repositories ? 'selected' : 'all',
        repositories: page,
      }));
    },
  },
  'rate-limit/get': {
    by: 'anyone',
    handle: ({ context }) => {
      const reset = Math.floor(context.clock().getTime() / 1000) + 3600;
      const rate = { limit: 5000, used: 0, remaining: 5000, reset };
      return { status: 200, body: { resources: { core: rate, search: rate, graphql: rate }, rate } };
    },
  },
  'users/get-by-username': {
    by: 'anyone',
    handle: ({ context, params }) => {
      const account = context.state.findAccount(params.username ?? '');
      if (!account) throw notFound();
      return { status: 200, body: renderProfile(context, account) };
    },
  },
};

function findInstallation({ context, params }: Call): Installation {
  const found = context.state.installations.find(({ id }) => id === Number(params.installation_id));
  if (!found) throw notFound();
  return found;
}

function createToken(call: Call) {
  const { context, body } = call;
  const installation = findInstallation(call);
  if (installation.suspendedAt) throw new Refusal(403, 'This installation has been suspended');
  const repositories = selectRepositories(call, installation);
  const granted: Record<string, string> = { ...context.app.permissions, metadata: 'read' };
  for (const name of installation.notGranted) delete granted[name];
  const wanted = body.permissions as Record<string, string> | undefined;
  for (const [name, level] of Object.entries(wanted ?? {}))
    if (granted[name] !== level && !(granted[name] === 'write' && level === 'read'))
      throw new Refusal(422, 'The permissions requested are not granted to this installation.');
  // Every token may read metadata.
  const permissions = wanted ? { ...wanted, metadata: 'read' } : granted;
  const ids = repositories?.map(({ id }) => id) ?? null;
  const token = context.tokens.mint(installation, ids, permissions);
  const answer: Json = {
    token: token.value,
    expires_at: token.expiresAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    permissions,
    repository_selection: repositories ? 'selected' : 'all',
    ...(repositories && {
      repositories: repositories.map((repository) => renderRepository(context, repository)),
    }),
  };
  return { status: 201, body: answer };
}

/**
 * Returns the repositories that a token request selects. Null means all repositories. GitHub treats an empty
 * list of ids as a request for all repositories. An App that sends an empty list by mistake would get too
 * much access, so the request is recorded as a violation.
 */
function selectRepositories({ context, body }: Call, installation: Installation): Repository[] | null {
  const ids = (body.repository_ids ?? []) as number[];
  const names = (body.repositories ?? []) as string[];
  if (Array.isArray(body.repository_ids) && ids.length === 0)
    context.violations.push(
      'a token was requested with `repository_ids: []`; GitHub would give one for all repositories',
    );
  if (ids.length + names.length === 0) return null;
  const available = context.state.repositoriesOf(installation);
  const chosen = [
    ...ids.map((id) => available.find((repository) => repository.id === id)),
    ...names.map((name) =>
      available.find((repository) => [repository.name, nameOf(repository)].includes(name)),
    ),
  ];
  if (chosen.some((repository) => !repository))
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  return chosen as Repository[];
}
