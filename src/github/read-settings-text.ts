import type { Octokit } from '@octokit/rest';
import { settingsPath } from '../task/settings.js';
import type { Repository } from '../task/task.js';

/** The repository's settings file as it is on its default branch; null when there is none. */
export async function readSettingsText(octokit: Octokit, repository: Repository): Promise<string | null> {
  try {
    const { data } = await octokit.rest.repos.getContent({
      owner: repository.owner,
      repo: repository.name,
      path: settingsPath,
      mediaType: { format: 'raw' },
    });
    return String(data);
  } catch (error) {
    if ((error as { status?: number }).status === 404) return null;
    throw error;
  }
}
