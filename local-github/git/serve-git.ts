import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { Caller } from '../app/tokens.js';
import { noteBranchesMoved } from '../changes/pull-requests.js';
import type { Context } from '../context.js';
import { Refusal } from '../refusal.js';
import { nameOf, type Repository } from '../state.js';
import { listRefs } from './read-repository.js';
import { rewriteReport } from './rewrite-report.js';
import { gitEnvironment } from './run-git.js';

export interface GitRequest {
  fullName: string;
  /** The path after `<owner>/<name>.git/`. */
  rest: string;
  service: 'git-upload-pack' | 'git-receive-pack';
  operation: 'git/refs' | 'git/upload-pack' | 'git/receive-pack';
}

/**
 * Parses a request of git's smart HTTP protocol.
 * @returns null for any other request
 */
export function parseGitRequest(method: string, url: URL): GitRequest | null {
  const [, fullName, rest] =
    /^\/([\w.-]+\/[\w.-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname) ??
    [];
  if (!fullName || !rest) return null;
  const service = rest === 'info/refs' ? url.searchParams.get('service') : rest;
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return null;
  if (method !== (rest === 'info/refs' ? 'GET' : 'POST')) return null;
  const operation =
    rest === 'info/refs' ? 'git/refs' : `git/${service === 'git-upload-pack' ? 'upload' : 'receive'}-pack`;
  return { fullName, rest, service, operation } as GitRequest;
}

/**
 * Identifies the sender of a git request and checks the sender's permissions. A push needs `contents: write`.
 * A fetch from a private repository needs `contents: read`.
 * @throws Refusal with the message that git shows to its user
 */
export function authorizeGit(
  context: Context,
  git: GitRequest,
  authorization: string | undefined,
): { repository: Repository; caller: Caller } {
  const caller = identify(context, authorization);
  const writes = git.service === 'git-receive-pack';
  const repository =
    context.state.findRepository(git.fullName) ?? context.state.formerNames.get(git.fullName.toLowerCase());
  if (caller.kind !== 'installation') {
    if (repository && !repository.private && !writes) return { repository, caller };
    throw new Refusal(401, 'Authentication required', {}, { 'www-authenticate': 'Basic realm="GitHub"' });
  }
  const { token } = caller;
  const covered =
    repository?.owner === token.installation.account &&
    (!token.repositories || token.repositories.includes(repository.id));
  if (!repository || (!covered && repository.private)) throw new Refusal(404, 'Repository not found.');
  const level = covered ? token.permissions.contents : 'none';
  if (writes && repository.archived)
    throw new Refusal(403, 'This repository was archived so it is read-only.');
  if (writes && level !== 'write') throw new Refusal(403, 'Write access to repository not granted.');
  if (!writes && repository.private && level !== 'read' && level !== 'write')
    throw new Refusal(403, 'Read access to repository not granted.');
  return { repository, caller };
}

function identify(context: Context, authorization: string | undefined): Caller {
  if (!authorization) return { kind: 'none' };
  const [, encoded = ''] = /^basic (\S+)$/i.exec(authorization) ?? [];
  const [, user, password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (user !== 'x-access-token') throw badPassword();
  try {
    return { kind: 'installation', token: context.tokens.installationToken(password) };
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) throw badPassword();
    throw error;
  }
}

function badPassword(): Refusal {
  return new Refusal(401, 'Invalid username or token.', {}, { 'www-authenticate': 'Basic realm="GitHub"' });
}

/**
 * Handles a git request with git's own `http-backend`. After a push, updates the pull requests of the pushed
 * branches.
 * @param send sends the finished response
 */
export async function serveGit(
  context: Context,
  git: GitRequest,
  access: { repository: Repository; caller: Caller },
  request: IncomingMessage,
  send: (status: number, headers: Record<string, string>, body: Buffer) => void,
): Promise<void> {
  const { repository, caller } = access;
  const permissions = caller.kind === 'installation' ? caller.token.permissions : {};
  const writes = git.operation === 'git/receive-pack';
  const before = writes ? await listRefs(repository.folder, 'refs/heads/') : new Map<string, string>();
  const answer = await runBackend(git, repository, request, permissions.workflows === 'write');
  if (writes) {
    repository.pushedAt = context.clock().toISOString();
    const after = await listRefs(repository.folder, 'refs/heads/');
    await noteBranchesMoved(context, repository, before, after, context.app.bot);
  }
  send(answer.status, answer.headers, writes ? rewriteReport(answer.body) : answer.body);
}

async function runBackend(
  git: GitRequest,
  repository: Repository,
  request: IncomingMessage,
  mayChangeWorkflows: boolean,
): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  const header = (name: string) => [request.headers[name] ?? ''].flat().join(', ');
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: path.dirname(repository.folder),
      PATH_INFO: `/${path.basename(repository.folder)}/${git.rest}`,
      QUERY_STRING: git.rest === 'info/refs' ? `service=${git.service}` : '',
      REQUEST_METHOD: request.method ?? 'GET',
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'x-access-token',
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: header('content-type'),
      ...(header('content-length') && { CONTENT_LENGTH: header('content-length') }),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
      MAY_CHANGE_WORKFLOWS: mayChangeWorkflows ? 'yes' : 'no',
    },
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => request.unpipe(child.stdin));
  request.once('close', () => {
    // The client disconnected during its push. Terminate git, which would otherwise wait forever for the rest
    // of the push.
    if (!request.complete) child.kill('SIGTERM');
  });
  request.pipe(child.stdin);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const output = Buffer.concat(out);
  const end = output.indexOf('\r\n\r\n');
  if (end < 0)
    throw new Error(`git http-backend for ${nameOf(repository)}: exit code ${code}: ${Buffer.concat(err)}`);
  const headers: Record<string, string> = {};
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const at = line.indexOf(':');
    headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
  }
  const { status = '200', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) };
}

/** Sends a refusal as plain text, because git shows the text to its user. */
export function sendGitRefusal(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, { 'content-type': 'text/plain; charset=utf-8', ...refusal.headers });
  response.end(`${refusal.message}\n`);
}
