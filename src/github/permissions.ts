import type { Person, Repository } from '../task/task.js';
import type { GitHub } from './github.js';
import { at, nullIfGone } from './issues.js';

/**
 * Whether someone has write access, as GitHub says now. A delivery's `author_association` is not a
 * permission, and neither is a name.
 * @returns false for apps and deleted users, for whom GitHub answers 404
 */
export function hasWriteAccess(
  github: GitHub,
  repository: Repository,
  person: Pick<Person, 'login'>,
): Promise<boolean> {
  return github.call(repository, `check what @${person.login} may do`, async (octokit) => {
    const answer = await octokit.rest.repos
      .getCollaboratorPermissionLevel({ ...at(repository), username: person.login })
      .catch((error) => nullIfGone(error));
    // `permission` folds the other roles into four values: maintain becomes write, triage becomes read.
    return answer?.data.permission === 'admin' || answer?.data.permission === 'write';
  });
}
