import type { Octokit } from '@octokit/rest';
import { RunEndedError } from '../runs/outcome.js';
import type { Repository } from '../task/task.js';

/**
 * The bot's pull request, as people left it.
 * @throws RunEnded when it was merged or closed: no commit comes into it any more
 */
export async function readOpenPull(octokit: Octokit, { owner, name: repo }: Repository, number: number) {
  const { data } = await octokit.rest.pulls.get({ owner, repo, pull_number: number });
  if (data.merged) throw stopped('the pull request was merged');
  if (data.state !== 'open') throw stopped('the pull request was closed');
  return data;
}

function stopped(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'stopped', reason });
}
