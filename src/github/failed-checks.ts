import type { Octokit } from '@octokit/rest';
import type { Repository } from '../task/task.js';
import { readPages } from './read-pages.js';

/** A check of the repository's own that failed on a commit. */
export interface FailedCheck {
  id: number;
  name: string;
  conclusion: string;
  /** It is a job of GitHub Actions, whose log GitHub has. */
  hasLog: boolean;
  output: { title: string; summary: string; text: string; annotations: number };
}

const maxPages = 3;
const maxAnnotations = 20;

/**
 * The checks that failed on a commit, the newest of each, in the order that they were made in, without those of the App
 * itself. One that is run again at the moment has not failed.
 * @param ref a commit, or `heads/<branch>`
 */
export async function listFailedChecks(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  ref: string,
  ownAppId: number,
): Promise<FailedCheck[]> {
  const pages = octokit.paginate.iterator(octokit.rest.checks.listForRef, {
    owner,
    repo,
    ref,
    filter: 'latest',
    per_page: 100,
  });
  return (await readPages(pages, maxPages))
    .filter(({ app, conclusion }) => app?.id !== ownAppId && isFailure(conclusion))
    .sort((one, other) => one.id - other.id)
    .map(({ id, name, conclusion, app, output }) => ({
      id,
      name,
      conclusion: conclusion ?? '',
      hasLog: app?.slug === 'github-actions',
      output: {
        title: output.title ?? '',
        summary: output.summary ?? '',
        text: output.text ?? '',
        annotations: output.annotations_count,
      },
    }));
}

function isFailure(conclusion: string | null): boolean {
  return conclusion === 'failure' || conclusion === 'timed_out';
}

/** What the check itself says of its failure; '' for nothing. */
export async function readReport(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  { id, output }: FailedCheck,
): Promise<string> {
  const lines = [output.title, output.summary, output.text];
  if (output.annotations > 0) {
    const { data } = await octokit.rest.checks.listAnnotations({
      owner,
      repo,
      check_run_id: id,
      per_page: maxAnnotations,
    });
    lines.push(...data.map(({ path, start_line, message }) => `${path}:${start_line}: ${message ?? ''}`));
  }
  return lines.filter(Boolean).join('\n');
}
