import type { TestRun } from '../../src/evidence/evidence.js';
import { countFailedChecks, type Grader } from '../grade/grade.js';
import { InputError, type Task } from '../task.js';
import { readFix } from './read-fix.js';

export interface FixToMake {
  instance_id: string;
  repo: string;
  /** The merged commit: a merge, a squash or a single commit. */
  fix: string;
  /** The text of the issue. The first line is its title. */
  problem_statement: string;
  setup: string[] | null;
  test: string | null;
}

/**
 * Turns a merged fix into a task. Runs the fix's tests without the fix, and twice with it, in new set-ups.
 * Tests whose result with the fix varies are left out.
 * @throws InputError if no test fails without the fix and passes with it
 */
export async function makeTask(grader: Grader, gitDir: string, given: FixToMake): Promise<Task> {
  const { fix, ...rest } = given;
  const { base, testPatch, patch } = await readFix(gitDir, fix);
  const task: Task = {
    ...rest,
    base_commit: base,
    test_patch: testPatch,
    patch,
    FAIL_TO_PASS: [],
    PASS_TO_PASS: [],
    checks: true,
  };
  const without = await measure('');
  const withFix = await measure(patch, 2);
  const [first, second] = withFix.runs;
  const passed = (run: TestRun | undefined) =>
    new Set(run?.cases.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id));
  const [before, again] = [passed(without.runs[0]), passed(second)];
  const stable = [...passed(first)].filter((id) => again.has(id) && !id.includes(withFix.token));
  task.FAIL_TO_PASS = stable.filter((id) => !before.has(id));
  task.PASS_TO_PASS = stable.filter((id) => before.has(id));
  task.checks = withFix.checks > 0 && countFailedChecks(first?.cases ?? [], withFix.token) === withFix.checks;
  if (task.FAIL_TO_PASS.length === 0)
    throw new InputError(
      `expected a test that fails without the fix and passes with it; ${describeRuns(without.runs, withFix.runs)}`,
    );
  return task;

  async function measure(change: string, times = 1) {
    const options = { mirror: gitDir, candidate: { patch: change }, times };
    const { composed, measured, token } = await grader.measure(task, options);
    const { setup, runs } = measured;
    if (!setup.ok) throw new InputError(`the set-up failed:\n${setup.executions.at(-1)?.output}`);
    return { runs, token, checks: composed.checks };
  }
}

function describeRuns(before: readonly TestRun[], after: readonly TestRun[]): string {
  const describe = (run: TestRun | undefined) => {
    if (!run) return 'no test command was found';
    const count = (outcome: string) => run.cases.filter((one) => one.outcome === outcome).length;
    const error = run.cases.find(({ message }) => message)?.message ?? run.outputTail.trim().slice(-500);
    const end = count('passed') === 0 ? ` (${error})` : '';
    return `${count('passed')} passed and ${count('failed')} failed${end}`;
  };
  return `without it, ${describe(before[0])}; with it, ${describe(after[0])}`;
}
