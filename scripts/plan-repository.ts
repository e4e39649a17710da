import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { readCommands } from '../evaluate/grade/measure-commit.js';
import { openMeasure } from '../evaluate/grade/open-grader.js';
import type { TestRun } from '../src/evidence/evidence.js';
import { findBaselineFault } from '../src/evidence/find-baseline-fault.js';
import { hasPassed } from '../src/evidence/run-suites.js';
import { judgePlan, listPlan, type Plan } from '../src/messages/describe-plan.js';
import {
  describeEgress,
  describeSetupFailure,
  listRefusedHosts,
  noteFailures,
} from '../src/messages/describe-setup.js';
import { parseSettings, settingsPath } from '../src/task/settings.js';
import { readFile } from '../src/workspace/git-store.js';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';
import { leaveOutMissing } from './leave-out-missing.js';

const run = promisify(execFile);

export interface PlanOptions {
  /** A git repository, bare or not. */
  gitDir: string;
  commit: string;
  environment: Record<string, string>;
  /** Folder that keeps downloaded programs; null: they are downloaded again each time. */
  home: string | null;
  print(line: string): void;
}

/**
 * Prints what a run would do with a repository, sets it up, runs its tests, and says whether a change could
 * be measured. The model is not asked.
 * @returns the exit code: 0 if a change can be measured, otherwise 1
 */
export async function planRepository(options: PlanOptions): Promise<number> {
  const { gitDir, environment, print } = options;
  const folder = await createTemporaryFolder();
  try {
    const mirror = path.join(folder.path, 'repository.git');
    await run('git', ['clone', '--quiet', '--bare', '--no-hardlinks', gitDir, mirror]);
    const { stdout } = await run('git', [
      '-C',
      mirror,
      'rev-parse',
      '--verify',
      `${options.commit}^{commit}`,
    ]);
    const { commit, files: missing } = await leaveOutMissing(mirror, stdout.trim());
    const parsed = parseSettings(await readFile({ gitDir: mirror }, commit, settingsPath));
    if ('faults' in parsed) {
      for (const { where, expected, found } of parsed.faults)
        print(`${where}: expected ${expected}; found ${found}`);
      return 1;
    }
    const { settings } = parsed;
    const found = await readCommands(mirror, commit, settings);
    const start: Plan = {
      ...{ found: found.environment.found, provided: [], missing: found.environment.unclear },
      ...{ setup: found.setup, setupFailure: null, notes: found.notes, tests: found.tests, before: null },
    };
    print(`Plan for commit ${stdout.slice(0, 10)}:`);
    if (missing.length > 0)
      print(`- The git directory lacks these files, which are left out: ${missing.slice(0, 10).join(', ')}.`);
    for (const line of listPlan(start)) print(`- ${line}`);
    const measure = await openMeasure(folder.path, environment, options.home ?? undefined);
    const timeoutMs = { setup: settings.timeouts.setup * 60_000, test: settings.timeouts.test * 60_000 };
    const measured = await measure({ folder: mirror, commit, repo: 'tried/repository', settings, timeoutMs });
    return printResults(measured, start, print);
  } finally {
    await folder.remove();
  }
}

function printResults(
  { setup, runs }: Awaited<ReturnType<Awaited<ReturnType<typeof openMeasure>>>>,
  start: Plan,
  print: (line: string) => void,
): number {
  const before = runs[0] ?? null;
  const plan: Plan = {
    ...start,
    found: [],
    setup: [],
    provided: setup.provided,
    missing: setup.missing,
    setupFailure: setup.ok ? null : describeSetupFailure(setup),
    notes: [...noteFailures(setup), ...describeEgress(listRefusedHosts(setup), setup.notGranted)],
    before,
  };
  print('\nResults:');
  for (const { script, exitCode, ended, durationMs } of setup.executions)
    print(
      `- Setup: ${script}: ${exitCode === null ? ended : `exit code ${exitCode}`} after ${(durationMs / 1000).toFixed(1)} s`,
    );
  for (const line of listPlan(plan)) print(`- ${line}`);
  for (const line of listFailures(before)) print(`- ${line}`);
  const isKnown = before !== null && (setup.ok || before.granularity === 'per-test');
  const isUsable = isKnown && hasPassed(before) && findBaselineFault(before) === null;
  if (!isUsable && plan.setupFailure !== null) print(`\n${plan.setupFailure}`);
  if (!isUsable && before?.outputTail)
    print(`\nThe output of the tests ends with:\n${before.outputTail.trim()}`);
  print(`\nVerdict: ${judgePlan({ ...plan, missing: [...setup.missing, ...start.missing] })}`);
  return isUsable ? 0 : 1;
}

const maxFailures = 10;

/** Names the tests that fail, with the first line of their message. */
function listFailures(before: TestRun | null): string[] {
  const failed = before?.cases.filter(({ outcome }) => outcome === 'failed') ?? [];
  const lines = failed.slice(0, maxFailures).map(({ id, message }) => {
    const [reason] = (message ?? '').trim().split('\n');
    return `Fails: ${id}${reason ? `: ${reason.slice(0, 200)}` : ''}`;
  });
  return failed.length > maxFailures
    ? [...lines, `Fails: ${failed.length - maxFailures} more tests.`]
    : lines;
}
