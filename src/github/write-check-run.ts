import type { Octokit } from '@octokit/rest';
import type { Evidence } from '../evidence/evidence.js';
import { describeEvidence, summarizeEvidence } from '../messages/evidence-table.js';
import type { Repository } from '../task/task.js';
import { cleanWords, type Words } from '../text/old/words.js';

const name = 'Pullwright evidence';
/** GitHub's limits: 20, 40 and 20 characters. */
const retryButton = { label: 'Retry', description: 'Try this request again', identifier: 'retry' };
/** GitHub's limit for a summary is 65,535 characters. */
const maxSummary = 60_000;

/** Success is what was measured, not what did not go wrong: failing before and failing after is neither. */
function conclude({ after }: Evidence, draftReasons: string[]): CheckRun['conclusion'] {
  if (draftReasons.length > 0) return 'failure';
  return after?.exitCode === 0 ? 'success' : 'neutral';
}

export interface CheckRun {
  conclusion: 'success' | 'neutral' | 'failure';
  title: string;
  summary: string;
}

export function describeCheckRun(
  evidence: Evidence,
  draftReasons: string[],
  words: Words = cleanWords,
): CheckRun {
  const reasons = draftReasons.map((why) => words.line(why, 500));
  return {
    conclusion: conclude(evidence, draftReasons),
    title: summarizeEvidence(evidence).slice(0, 250),
    summary: [...reasons, describeEvidence(evidence, words)].join('\n\n').slice(0, maxSummary).toWellFormed(),
  };
}

/** The evidence on the head commit, once per run. */
export async function writeCheckRun(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  run: { id: string; commit: string },
  { conclusion, title, summary }: CheckRun,
): Promise<void> {
  const content = {
    name,
    status: 'completed' as const,
    conclusion,
    output: { title, summary },
    actions: [retryButton],
  };
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
