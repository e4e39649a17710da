import type { Caller } from '../app/tokens.js';
import type { Context } from '../context.js';
import { Refusal } from '../refusal.js';
import type { Repository } from '../state.js';
import { type Needs, notFound, type Operation } from './operation.js';

/**
 * Checks the caller's access by GitHub's rules.
 * @returns the repository of the operation; null when the operation concerns no repository
 * @throws Refusal 401 when the caller is unknown, 404 when the caller must not learn that the repository
 * exists, 403 when the caller can see the repository but lacks the permission
 */
export function authorize(
  context: Context,
  operation: Operation,
  caller: Caller,
  params: Record<string, string>,
): Repository | null {
  if (operation.by !== 'repository') {
    if (operation.by === 'app' && caller.kind !== 'app')
      throw new Refusal(401, 'A JSON web token could not be decoded');
    if (operation.by === 'installation' && caller.kind === 'none')
      throw new Refusal(401, 'Requires authentication');
    if (operation.by === 'installation' && caller.kind === 'app') throw forbidden();
    return null;
  }
  const repository = context.state.findRepository(`${params.owner}/${params.repo}`);
  if (!repository) throw notFound();
  checkAccess(repository, operation.needs, caller, params);
  return repository;
}

function checkAccess(
  repository: Repository,
  needs: Needs,
  caller: Caller,
  params: Record<string, string>,
): void {
  const writes = needs.level === 'write';
  if (caller.kind === 'none') {
    if (repository.private) throw notFound();
    if (writes || needs.always) throw new Refusal(401, 'Requires authentication');
    return;
  }
  const permissions =
    typeof needs.permissions === 'function' ? needs.permissions(repository, params) : needs.permissions;
  const accepted = permissions.map((name) => `${name}=${needs.level}`).join('; ');
  // The App's own token (JWT) gives no access to repositories. Only an installation token gives access.
  if (caller.kind === 'app') throw forbidden(accepted);
  const { token } = caller;
  const covered =
    repository.owner === token.installation.account &&
    (!token.repositories || token.repositories.includes(repository.id));
  if (!covered && repository.private) throw notFound();
  // Everybody may read a public repository.
  if (!repository.private && !writes && !needs.always) return;
  const levels = needs.level === 'write' ? ['write'] : ['read', 'write'];
  const granted = permissions.some((name) => levels.includes(token.permissions[name] ?? ''));
  if (!covered || !granted) throw forbidden(accepted);
  if (writes && repository.archived) throw new Refusal(403, 'Repository was archived so is read-only.');
}

function forbidden(accepted?: string): Refusal {
  const headers: Record<string, string> = accepted ? { 'x-accepted-github-permissions': accepted } : {};
  return new Refusal(403, 'Resource not accessible by integration', {}, headers);
}
