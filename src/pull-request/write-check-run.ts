import type { Octokit } from '@octokit/rest';
import type { Evidence } from '../checks/evidence.js';
import type { Repository } from '../task/task.js';
import { describeEvidence, summariseEvidence } from './describe-evidence.js';

const name = 'Pullwright evidence';
/** GitHub's limit for a summary is 65,535 characters. */
const maxSummary = 60_000;

/** Success is what was measured, not what did not go wrong: failing before and failing after is neither. */
function conclude({ after }: Evidence, draftBecause: string[]): 'success' | 'neutral' | 'failure' {
  if (draftBecause.length > 0) return 'failure';
  return after?.exitCode === 0 ? 'success' : 'neutral';
}

/** The evidence on the head commit, once per run. */
export async function writeCheckRun(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  run: { id: string; commit: string; evidence: Evidence; draftBecause: string[] },
): Promise<void> {
  const content = {
    name,
    status: 'completed',
    conclusion: conclude(run.evidence, run.draftBecause),
    output: {
      title: summariseEvidence(run.evidence).slice(0, 250),
      summary: [...run.draftBecause, describeEvidence(run.evidence)].join('\n\n').slice(0, maxSummary),
    },
  } as const;
  const { data } = await octokit.rest.checks.listForRef({
    owner,
    repo,
    ref: run.commit,
    check_name: name,
    per_page: 100,
  });
  const own = data.check_runs.find(({ external_id }) => external_id === run.id);
  if (own) await octokit.rest.checks.update({ owner, repo, check_run_id: own.id, ...content });
  else
    await octokit.rest.checks.create({ owner, repo, head_sha: run.commit, external_id: run.id, ...content });
}
