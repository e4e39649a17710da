import type { Octokit } from '@octokit/rest';
import type { Repository } from '../task/task.js';

/** Off already counts as taken off: by people, or by this step before a crash. */
export async function removeLabel(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  issue: number,
  label: string,
): Promise<void> {
  try {
    await octokit.rest.issues.removeLabel({ owner, repo, issue_number: issue, name: label });
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error;
  }
}
