import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import type { TestRun } from '../../src/evidence/evidence.js';
import { removeFolder } from '../../src/sandbox/sandbox.js';
import type { Task } from '../task.js';
import { type Candidate, type Composed, composeCommit } from './compose-commit.js';
import { indexResults } from './match-tests.js';
import { type MeasureCommit, type Measured, readCommands } from './measure-commit.js';
import { TaskRepository } from './task-repository.js';

/** What the hidden tests say about a change. */
export const Grade = z.object({
  resolved: z.boolean(),
  /** Why the change does not resolve the issue; null if it does. */
  reason: z.string().nullable(),
  /** Tests of FAIL_TO_PASS that do not pass. */
  failed: z.array(z.string()),
  /** Tests of PASS_TO_PASS that do not pass. */
  broken: z.array(z.string()),
  /** Files of the change that were not graded: tests, and what decides how tests run. */
  reset: z.array(z.string()),
  /** Tests that must fail: how many there were, and how many did fail. */
  checks: z.object({ expected: z.number(), failed: z.number() }),
});
export type Grade = z.infer<typeof Grade>;

export interface GradeOptions {
  /** The git directory that contains the base commit. */
  mirror: string;
  candidate: Candidate;
  /** Other git directories that contain the commits of the candidate. */
  sources?: readonly string[];
}

export interface Grader {
  /** Grades a change with the hidden tests of the task, in a new set-up. */
  grade(task: Task, options: GradeOptions): Promise<Grade>;
  /** Measures a change with the hidden tests. */
  measure(
    task: Task,
    options: GradeOptions & { times?: number; checks?: boolean },
  ): Promise<{ composed: Composed; measured: Measured; token: string }>;
}

/** @param folder the folder for the repositories of measurements */
export function createGrader(folder: string, measureCommit: MeasureCommit): Grader {
  let count = 0;
  const measure: Grader['measure'] = async (
    task,
    { mirror, candidate, sources = [], times, checks = true },
  ) => {
    count += 1;
    const repository = path.join(folder, `task-${count}.git`);
    const token = randomBytes(6).toString('hex').replace(/^\d/, 'q');
    const created = await TaskRepository.create(repository, [mirror, ...sources]);
    try {
      const { tests } = await readCommands(mirror, task.base_commit, task);
      const runner = tests[0]?.runner ?? 'command';
      const composed = await composeCommit(created, task, {
        candidate,
        runner,
        token: checks ? token : null,
      });
      const { repo, setup } = task;
      // The command belongs to the task. The change cannot replace it.
      const command = task.test ?? tests[0] ?? null;
      const { commit } = composed;
      const measured = await measureCommit({ folder: repository, commit, repo, setup, test: command, times });
      return { composed, measured, token };
    } finally {
      await removeFolder(repository);
    }
  };
  return {
    measure,
    grade: async (task, options) => {
      const { composed, measured, token } = await measure(task, { ...options, checks: task.checks });
      return judge(task, composed, measured, token);
    },
  };
}

/** Judges one measurement. A change resolves the issue only if every named test was reported as passed. */
function judge(task: Task, composed: Composed, { setup, runs }: Measured, token: string): Grade {
  const [run] = runs;
  const cases = run?.cases ?? [];
  const outcomeOf = indexResults(cases);
  const isPassed = (name: string) => outcomeOf(name) === 'passed';
  const failed = task.FAIL_TO_PASS.filter((name) => !isPassed(name));
  const broken = task.PASS_TO_PASS.filter((name) => !isPassed(name));
  const failedChecks = countFailedChecks(cases, token);
  const reason = findReason({ composed, setup, run, failed, broken, failedChecks });
  return {
    resolved: reason === null,
    reason,
    failed,
    broken,
    reset: composed.reset,
    checks: { expected: composed.checks, failed: failedChecks },
  };
}

/** Counts the tests of the grader that failed, as they must. */
export function countFailedChecks(cases: TestRun['cases'], token: string): number {
  return cases.filter(({ id, outcome }) => id.includes(token) && outcome === 'failed').length;
}

function findReason(found: {
  composed: Composed;
  setup: Measured['setup'];
  run: TestRun | undefined;
  failed: readonly string[];
  broken: readonly string[];
  failedChecks: number;
}): string | null {
  const { composed, setup, run, failed, broken, failedChecks } = found;
  if (composed.forging) return `${composed.forging} mentions the folder of test reports`;
  if (!setup.ok) return `the set-up failed: ${setup.executions.at(-1)?.output.trim().slice(-300)}`;
  if (!run) return 'no test command was found';
  if (run.granularity !== 'per-test')
    return `the tests reported no single results: ${run.note ?? run.outputTail.trim().slice(-300)}`;
  if (failed.length + broken.length > 0)
    return `${failed.length} tests that must newly pass and ${broken.length} that must still pass do not`;
  if (failedChecks < composed.checks)
    return `${composed.checks - failedChecks} of ${composed.checks} tests that must fail did not fail`;
  return null;
}
