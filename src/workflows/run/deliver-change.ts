import type { Work } from '../../agent/work.js';
import type { Comparison, Evidence, Finding, Proof, TestRun } from '../../evidence/evidence.js';
import { judgeChange } from '../../evidence/judge-change.js';
import type { Outcome } from '../../runs/outcome.js';
import type { Task } from '../../task/task.js';
import type { ProjectSetup } from './project-setup.js';

/** From what the agent left to a pull request whose evidence was measured: the same for every story. */
export interface DeliverChangeSteps {
  /** The commit with everything the agent left, or null when nothing differs from what it started from. */
  findChange(task: Task, project: ProjectSetup, work: Work): Promise<string | null>;
  runTestsAfter(task: Task, project: ProjectSetup, change: string): Promise<TestRun | null>;
  /** Per test, before and after; what newly fails is run once more, to tell flaky from broken. */
  compareTests(task: Task, project: ProjectSetup, change: string, runs: TestRuns): Promise<Comparison | null>;
  /** New and changed tests against the base's code: one that passes there proves nothing. */
  proveTests(task: Task, project: ProjectSetup, change: string, runs: TestRuns): Promise<Proof | null>;
  /** Secrets, in the agent's words too; protected paths, size. */
  scanChange(task: Task, project: ProjectSetup, change: string, work: Work): Promise<Finding[]>;
  push(task: Task, project: ProjectSetup, change: string, work: Work): Promise<string>;
  openPullRequest(task: Task, project: ProjectSetup, report: Report): Promise<PullRequest>;
  writeCheckRun(task: Task, report: Report): Promise<void>;
}

export interface TestRuns {
  before: TestRun | null;
  after: TestRun | null;
}

export interface PullRequest {
  number: number;
  url: string;
}

/** What the pull request tells: the agent's words, our evidence. */
export interface Report {
  change: string;
  commit: string;
  work: Work;
  evidence: Evidence;
  /** Why it is a draft; empty when it is none. */
  draftReasons: string[];
}

/** What came of the agent's work. */
export interface Delivered {
  /** The pushed commit; null when nothing was pushed. */
  commit: string | null;
  outcome: Outcome;
}

export async function deliverChange(
  task: Task,
  project: ProjectSetup,
  work: Work,
  before: TestRun | null,
  steps: DeliverChangeSteps,
): Promise<Delivered> {
  const change = await steps.findChange(task, project, work);
  if (change === null) return { commit: null, outcome: { kind: 'refusal', reason: nothingToChange(work) } };

  const after = await steps.runTestsAfter(task, project, change);
  const comparison = await steps.compareTests(task, project, change, { before, after });
  const proof = await steps.proveTests(task, project, change, { before, after });
  const findings = await steps.scanChange(task, project, change, work);
  const evidence = { before, after, comparison, proof, findings, notes: project.notes };

  const verdict = judgeChange(work, evidence, task.settings);
  if (verdict.kind === 'blocked')
    return { commit: null, outcome: { kind: 'failed', reason: verdict.reason } };

  const commit = await steps.push(task, project, change, work);
  const { draftReasons } = verdict;
  const report = { change, commit, work, evidence, draftReasons };
  const pullRequest = await steps.openPullRequest(task, project, report);
  await steps.writeCheckRun(task, report);
  return {
    commit,
    outcome:
      draftReasons.length === 0
        ? { kind: 'pull-request', ...pullRequest }
        : {
            kind: 'draft',
            ...pullRequest,
            reason: draftReasons,
            unfinished: work.outcome.kind !== 'submitted',
          },
  };
}

function nothingToChange(work: Work): string {
  if (work.outcome.kind === 'submitted')
    return `nothing had to be changed. The agent says: ${work.outcome.submission.summary}`;
  return `the agent ended without having changed a file${'reason' in work.outcome ? `: ${work.outcome.reason}` : ''}`;
}
