import type { Person, Repository } from '../task/task.js';
import type { GitHub } from './github.js';
import { at, nullIfGone } from './issues.js';

/**
 * Asks GitHub whether a person has write access now. Neither the `author_association` in a webhook nor a
 * login proves that.
 * @returns false for apps and deleted users, because GitHub answers 404 for them
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
    // GitHub reduces all roles to four values here. `maintain` becomes `write`, and `triage` becomes `read`.
    return answer?.data.permission === 'admin' || answer?.data.permission === 'write';
  });
}
