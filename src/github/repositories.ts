import { settingsPath } from '../task/settings.js';
import type { Repository } from '../task/task.js';
import type { GitHub } from './github.js';
import { at, nullIfGone } from './issues.js';
import { readPages } from './read-pages.js';

/** @returns the text of `.github/pullwright.yml` on the default branch; null if the file does not exist */
export function readSettingsText(github: GitHub, repository: Repository): Promise<string | null> {
  return github.call(repository, "read the repository's settings", async (octokit) => {
    const answer = await octokit.rest.repos
      .getContent({ ...at(repository), path: settingsPath, mediaType: { format: 'raw' } })
      .catch((error) => nullIfGone(error));
    return answer === null ? null : String(answer.data);
  });
}

/**
 * Finds a repository that an installation can read.
 * @returns null if there is none with this name
 */
export async function findRepository(
  github: GitHub,
  installationId: number,
  owner: string,
  name: string,
): Promise<Repository | null> {
  const answer = await github.callInstallation(installationId, 'find a repository', (octokit) =>
    octokit.rest.repos.get({ owner, repo: name }).catch((error) => nullIfGone(error)),
  );
  if (answer === null) return null;
  const { id, default_branch: defaultBranch, private: isPrivate, ...found } = answer.data;
  const names = { owner: found.owner.login, name: found.name };
  return { id, ...names, defaultBranch, private: isPrivate, installationId };
}

/** Lists the App's installations that are not suspended. */
export async function listInstallations(github: GitHub): Promise<{ id: number; createdAt: Date }[]> {
  const all = await github.callAsApp("list the App's installations", (octokit) =>
    octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
  );
  return all
    .filter(({ suspended_at }) => !suspended_at)
    .map(({ id, created_at }) => ({ id, createdAt: new Date(created_at) }));
}

/** Lists the installation's active repositories that have issues enabled. Returns at most 3,000. */
export async function listRepositories(github: GitHub, installationId: number): Promise<Repository[]> {
  const listed = await github.callInstallation(
    installationId,
    "list the installation's repositories",
    (octokit) =>
      readPages(
        octokit.paginate.iterator(octokit.rest.apps.listReposAccessibleToInstallation, { per_page: 100 }),
        30,
      ),
  );
  return listed
    .filter(({ archived, disabled, has_issues }) => !archived && !disabled && has_issues)
    .map((repository) => ({
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      defaultBranch: repository.default_branch,
      private: repository.private,
      installationId,
    }));
}
