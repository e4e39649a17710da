import type { GitHub } from '../github/github.js';
import { findRepository } from '../github/repositories.js';
import type { WorkspaceOptions } from '../workspace/open-workspaces.js';

/**
 * Creates the function that finds the repository of a submodule. People who can write to a repository could
 * otherwise read every private repository of its owner through the agent.
 * @param allowed private repositories that may be submodules: `owner/name` or `owner/*`
 */
export function createFindSibling(
  github: GitHub,
  allowed: readonly string[],
): WorkspaceOptions['findSibling'] {
  return async ({ installationId, owner }, name) => {
    const found = await findRepository(github, installationId, owner, name);
    if (!found) return null;
    const names = [`${found.owner}/${found.name}`, `${found.owner}/*`].map((one) => one.toLowerCase());
    return !found.private || allowed.some((one) => names.includes(one.toLowerCase())) ? found : null;
  };
}
