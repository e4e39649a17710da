import type { Work } from '../agent/work.js';
import type { Comparison, Evidence, Finding, Proof, TestRun } from '../checks/evidence.js';
import { judgeChange } from '../checks/judge-change.js';
import type { Run } from '../runs/run-store.js';
import { type Settlement, settlementOf } from '../runs/settlement.js';
import type { Task } from '../task/task.js';
import { type EndRunSteps, endRun } from './end-run.js';
import type { Preparation } from './preparation.js';

/** What this story does. Each step is durable: its result is in Postgres, and a killed run goes on behind it. */
export interface ImplementIssueSteps extends EndRunSteps {
  /** Takes the label off; asks again who may and what is open when the run had to wait in line. */
  start(run: Run): Promise<void>;
  /** Settings, agent, base commit, conversation: what is to be done, fixed from here on. */
  readTask(run: Run): Promise<Task>;
  /** Clones, opens the sandbox, installs dependencies, finds out how the tests are run. */
  prepareWorkspace(task: Task): Promise<Preparation>;
  runTestsBefore(task: Task, preparation: Preparation): Promise<TestRun | null>;
  /** Ask, act, checkpoint; ask, act, checkpoint: not one step, but two for every turn. */
  work(task: Task, preparation: Preparation, before: TestRun | null): Promise<Work>;
  /** The commit with everything the agent left, or null when no file differs from the base. */
  findChange(task: Task, preparation: Preparation, work: Work): Promise<string | null>;
  runTestsAfter(task: Task, preparation: Preparation, change: string): Promise<TestRun | null>;
  /** Per test, before and after; what newly fails is run once more, to tell flaky from broken. */
  compareTests(
    task: Task,
    preparation: Preparation,
    change: string,
    runs: TestRuns,
  ): Promise<Comparison | null>;
  /** New and changed tests against the base's code: one that passes there proves nothing. */
  proveTests(task: Task, preparation: Preparation, change: string, runs: TestRuns): Promise<Proof | null>;
  /** Secrets, protected paths, size. */
  scanChange(task: Task, preparation: Preparation, change: string): Promise<Finding[]>;
  push(task: Task, preparation: Preparation, change: string, work: Work): Promise<string>;
  openPullRequest(task: Task, preparation: Preparation, report: Report): Promise<PullRequest>;
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
  draftBecause: string[];
}

/** From a queued run to a settled one, whatever happens. */
export async function implementIssue(run: Run, steps: ImplementIssueSteps): Promise<void> {
  let settlement: Settlement;
  try {
    settlement = await turnIssueIntoPullRequest(run, steps);
  } catch (error) {
    settlement = settlementOf(error);
  }
  await endRun(run, settlement, steps);
}

async function turnIssueIntoPullRequest(run: Run, steps: ImplementIssueSteps): Promise<Settlement> {
  await steps.start(run);
  const task = await steps.readTask(run);
  const preparation = await steps.prepareWorkspace(task);
  const before = await steps.runTestsBefore(task, preparation);

  const work = await steps.work(task, preparation, before);
  if (work.outcome.kind === 'asked') return { kind: 'question', questions: work.outcome.questions };
  if (work.outcome.kind === 'stopped') return { kind: 'stopped', because: work.outcome.because };

  const change = await steps.findChange(task, preparation, work);
  if (change === null) return { kind: 'refusal', because: nothingToChange(work) };

  const after = await steps.runTestsAfter(task, preparation, change);
  const comparison = await steps.compareTests(task, preparation, change, { before, after });
  const proof = await steps.proveTests(task, preparation, change, { before, after });
  const findings = await steps.scanChange(task, preparation, change);
  const evidence = { before, after, comparison, proof, findings, notes: preparation.notes };

  const verdict = judgeChange(work, evidence, task.settings);
  if (verdict.kind === 'blocked') return { kind: 'failed', because: verdict.because };

  const commit = await steps.push(task, preparation, change, work);
  const report = { change, commit, work, evidence, draftBecause: verdict.draftBecause };
  const pullRequest = await steps.openPullRequest(task, preparation, report);
  await steps.writeCheckRun(task, report);

  return verdict.draftBecause.length === 0
    ? { kind: 'pull-request', ...pullRequest }
    : { kind: 'draft', ...pullRequest, because: verdict.draftBecause };
}

function nothingToChange(work: Work): string {
  if (work.outcome.kind === 'submitted')
    return `nothing had to be changed. The agent says: ${work.outcome.submission.summary}`;
  return `the agent ended without having changed a file${'because' in work.outcome ? `: ${work.outcome.because}` : ''}`;
}
