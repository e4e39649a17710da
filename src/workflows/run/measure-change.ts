import type { Evidence, TestRun } from '../../evidence/evidence.js';
import type { Work } from '../../runs/work.js';
import type { Task } from '../../task/task.js';
import type { ImplementIssueSteps } from '../implement-issue/steps.js';
import type { Measurement } from './delivery.js';
import type { ProjectSetup } from './project-setup.js';

/**
 * Measures the agent's work. The tests run only once for each commit. Work that was already measured gets the
 * same result again.
 * @returns null if the agent changed nothing
 */
export type MeasureChange = (work: Work) => Promise<Measurement | null>;

type Steps = Pick<
  ImplementIssueSteps,
  | 'findChange'
  | 'setUpChange'
  | 'runTestsAfter'
  | 'compareTests'
  | 'proveTests'
  | 'rehearseMigrations'
  | 'compareApi'
  | 'measureCoverage'
  | 'recordQueries'
  | 'tryMutations'
  | 'scanChange'
>;
type TestEvidence = Pick<
  Evidence,
  'packages' | 'after' | 'comparison' | 'proof' | 'migrations' | 'api' | 'coverage' | 'queries' | 'mutations'
>;
type Tests = { evidence: TestEvidence } & Pick<Measurement, 'failures'>;

/** @param before the results of the tests on the base commit */
export function createMeasureChange(
  task: Task,
  project: ProjectSetup,
  before: TestRun | null,
  steps: Steps,
): MeasureChange {
  const tested = new Map<string, Tests>();
  let last: { key: string; measurement: Measurement | null } | null = null;

  const runTests = async (change: string): Promise<Tests> => {
    const packages = await steps.setUpChange(task, project, change);
    const after = await steps.runTestsAfter(task, project, change);
    const { comparison, failures } = await steps.compareTests(task, project, change, { before, after });
    const proof = await steps.proveTests(task, project, change, { before, after });
    const migrations = await steps.rehearseMigrations(task, project, change, before);
    const api = await steps.compareApi(task, project, change);
    const measured = await steps.measureCoverage(task, project, change, { after, comparison });
    const queries = await steps.recordQueries(task, project, change, { after, comparison, measured });
    const mutations = await steps.tryMutations(task, project, change, { after, measured });
    const coverage = measured?.coverage ?? null;
    return {
      evidence: { packages, after, comparison, proof, migrations, api, coverage, queries, mutations },
      failures,
    };
  };
  const measure = async (work: Work): Promise<Measurement | null> => {
    const found = await steps.findChange(task, project, work, before);
    if (found === null) return null;
    const { change, leftOut } = found;
    const { evidence, failures } = tested.get(change) ?? (await runTests(change));
    tested.set(change, { evidence, failures });
    const { after } = evidence;
    const findings = await steps.scanChange(task, project, found, work, { before, after });
    return { change, evidence: { before, ...evidence, findings, leftOut, notes: project.notes }, failures };
  };
  return async (work) => {
    // The scan also depends on the submitted texts and on files that are in no commit.
    const key = JSON.stringify([work.spend.turns, work.outcome]);
    if (last?.key !== key) last = { key, measurement: await measure(work) };
    return last.measurement;
  };
}
