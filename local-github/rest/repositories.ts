import type { Json } from '../answer.js';
import { listChanges, readCommit, resolveCommit } from '../git/read-repository.js';
import { Refusal } from '../refusal.js';
import { renderAccount } from '../render/account.js';
import { renderCommit } from '../render/commit.js';
import { nodeId } from '../render/node-id.js';
import { apiUrlOf, renderFullRepository } from '../render/repository.js';
import { type Needs, notFound, type Operations, type RepositoryCall } from './operation.js';
import { readContent } from './read-content.js';

const metadata: Needs = { level: 'read', permissions: ['metadata'] };
const contents: Needs = { level: 'read', permissions: ['contents'] };

/** REST operations on repositories, their collaborators and their git objects. */
export const repositoryOperations: Operations = {
  'repos/get': {
    by: 'repository',
    needs: metadata,
    handle: ({ context, repository }) => ({ status: 200, body: renderFullRepository(context, repository) }),
  },
  'repos/get-collaborator-permission-level': {
    by: 'repository',
    needs: { ...metadata, always: true },
    handle: getPermission,
  },
  'repos/get-content': { by: 'repository', needs: contents, handle: readContent },
  'repos/get-branch': { by: 'repository', needs: contents, handle: getBranch },
  'git/get-ref': { by: 'repository', needs: contents, handle: getRef },
  'repos/get-commit': {
    by: 'repository',
    needs: contents,
    handle: async (call) => {
      const sha = await findCommit(call, call.params.ref ?? '');
      return { status: 200, body: await renderWholeCommit(call, sha) };
    },
  },
};

/**
 * Finds a commit by a branch, tag or sha.
 * @throws Refusal with GitHub's message when there is no such commit
 */
export async function findCommit({ repository }: RepositoryCall, name: string): Promise<string> {
  const sha = await resolveCommit(repository.folder, name);
  if (sha) return sha;
  if (!(await resolveCommit(repository.folder, `heads/${repository.defaultBranch}`)))
    throw new Refusal(409, 'Git Repository is empty.');
  throw new Refusal(422, `No commit found for SHA: ${name}`);
}

async function renderWholeCommit({ context, repository }: RepositoryCall, sha: string): Promise<Json> {
  const commit = await readCommit(repository.folder, sha);
  const files = await listChanges(repository.folder, commit.parents[0] ?? null, sha);
  return renderCommit(context, repository, commit, files);
}

/**
 * Returns a user's role. As on GitHub, `role_name` is the exact role, and `permission` is `write` for the
 * role `maintain` and `read` for the role `triage`.
 */
function getPermission({ context, repository, params }: RepositoryCall) {
  const account = context.state.findAccount(params.username ?? '');
  if (!account) throw notFound();
  if (account.type !== 'User' && account !== repository.owner)
    throw new Refusal(404, `${account.login} is not a user`);
  const role = context.state.roleOf(repository, account);
  const permission = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role;
  const user = {
    ...renderAccount(context, account),
    permissions: {
      admin: role === 'admin',
      maintain: ['admin', 'maintain'].includes(role),
      push: ['admin', 'maintain', 'write'].includes(role),
      triage: ['admin', 'maintain', 'write', 'triage'].includes(role),
      pull: role !== 'none',
    },
    role_name: role,
  };
  return { status: 200, body: { permission, role_name: role, user } };
}

async function getBranch(call: RepositoryCall) {
  const { context, repository, params } = call;
  const branch = params.branch ?? '';
  const sha = await resolveCommit(repository.folder, `heads/${branch}`);
  if (!sha) throw new Refusal(404, 'Branch not found');
  const self = `${apiUrlOf(context, repository)}/branches/${encodeURIComponent(branch)}`;
  const body = {
    name: branch,
    commit: await renderWholeCommit(call, sha),
    _links: { self, html: `${context.web}/${repository.owner.login}/${repository.name}/tree/${branch}` },
    protected: false,
    protection: {
      enabled: false,
      required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] },
    },
    protection_url: `${self}/protection`,
  };
  return { status: 200, body };
}

async function getRef({ context, repository, params }: RepositoryCall) {
  const ref = params.ref ?? '';
  if (!(await resolveCommit(repository.folder, `heads/${repository.defaultBranch}`)))
    throw new Refusal(409, 'Git Repository is empty.');
  const sha = /^(heads|tags|pull)\//.test(ref) ? await resolveCommit(repository.folder, ref) : null;
  if (!sha) throw notFound();
  const api = apiUrlOf(context, repository);
  const body = {
    ref: `refs/${ref}`,
    node_id: nodeId('REF', `${repository.id}:refs/${ref}`),
    url: `${api}/git/refs/${ref}`,
    object: { type: 'commit', sha, url: `${api}/git/commits/${sha}` },
  };
  return { status: 200, body };
}
