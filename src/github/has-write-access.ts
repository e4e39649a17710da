import type { Octokit } from '@octokit/rest';
import type { Person, Repository } from '../task/task.js';

/**
 * Whether someone may write to the repository, as GitHub says it now. `author_association` in a delivery is no
 * permission check, and neither is a name.
 * @throws whatever the request throws but for 404, which is GitHub's answer for apps and deleted users: a no
 */
export async function hasWriteAccess(
  octokit: Octokit,
  repository: Repository,
  person: Person,
): Promise<boolean> {
  try {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
      owner: repository.owner,
      repo: repository.name,
      username: person.login,
    });
    // `permission` maps custom roles, maintain and triage onto these: write covers maintain, read covers triage.
    return data.permission === 'admin' || data.permission === 'write';
  } catch (error) {
    if ((error as { status?: number }).status === 404) return false;
    throw error;
  }
}
