import { compareTests, filesToRepeat } from '../../evidence/compare-tests.js';
import type { Finding, TestRun } from '../../evidence/evidence.js';
import { filesToProve, findTestFiles, proveTests } from '../../evidence/prove-tests.js';
import { runTests } from '../../evidence/run-tests.js';
import { scanChange } from '../../evidence/scan/scan-change.js';
import { indent } from '../../messages/indent.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { RunEvent } from '../../runs/run-event.js';
import type { Task } from '../../task/task.js';
import type { Workspace } from '../../workspace/workspace.js';
import type { ImplementIssueSteps } from '../implement-issue/implement-issue.js';
import type { Dependencies } from '../implement-issue/steps.js';
import { wordsOf } from './agent-texts.js';
import { diffBase } from './diff-base.js';
import { openWorkspace } from './open-workspace.js';
import type { ProjectSetup } from './project-setup.js';

type MeasuringSteps = Pick<
  ImplementIssueSteps,
  'runTestsBefore' | 'runTestsAfter' | 'compareTests' | 'proveTests' | 'scanChange'
>;

const minuteMs = 60_000;

/** The steps that the evidence comes from: each looks at a tree that no agent has touched but for the change itself. */
export function createMeasuringSteps(
  parts: Pick<Dependencies, 'config' | 'store' | 'mirrors' | 'workspaces' | 'activeSecrets' | 'search'>,
): MeasuringSteps {
  const { config, store, mirrors, workspaces } = parts;
  const tell = (task: Task, event: RunEvent) => store.appendEvent(task.runId, event);

  /** One measurement: a fresh copy of the set-up tree, the tests in it, the copy gone. */
  const measure = async (
    task: Task,
    project: ProjectSetup,
    when: Extract<RunEvent, { type: 'tests-run' }>['when'],
    tree: Parameters<Workspace['openScratchCopy']>,
    files?: string[],
  ): Promise<TestRun | null> => {
    if (!project.test) return null;
    const workspace = await openWorkspace(workspaces, task, project);
    const check = await workspace.openScratchCopy(...tree);
    try {
      const run = await runTests(check.sandbox, project.test, {
        timeoutMs: task.settings.timeouts.test * minuteMs,
        ...(files && { files }),
      });
      await tell(task, { type: 'tests-run', when, tests: countTests(run) });
      return run;
    } finally {
      await check.dispose();
    }
  };

  return {
    runTestsBefore: async (task, project) => {
      const run = await measure(task, project, 'before', [task.base.commit]);
      const fault = run && describeUnusableTests(run, task);
      if (fault) throw new RunEndedError({ kind: 'refusal', reason: fault });
      return run;
    },

    runTestsAfter: (task, project, change) => measure(task, project, 'after', [change]),

    compareTests: async (task, project, change, { before, after }) => {
      const first = compareTests(before, after, null);
      if (!first || !after || first.newlyFailing.length === 0) return first;
      const files = filesToRepeat(first, after);
      const again = await measure(task, project, 'again', [change], files);
      return compareTests(before, after, again);
    },

    proveTests: async (task, project, change, { before, after }) => {
      if (!project.test) return null;
      const workspace = await openWorkspace(workspaces, task, project);
      const files = findTestFiles(await workspace.readChanges(change));
      if (files.length === 0) return null;
      const onBase = await measure(
        task,
        project,
        'against-base',
        [task.base.commit, { commit: change, paths: files }],
        filesToProve(files, after),
      );
      return proveTests(files, { before, after, onBase });
    },

    scanChange: async (task, project, change, work) => {
      const workspace = await openWorkspace(workspaces, task, project);
      const findings = await scanChange(
        {
          changes: await workspace.readChanges(change, diffBase(task)),
          leftOut: await workspace.readOmittedPaths(change),
          basePaths: await mirrors.open(task.repository).listFiles(task.base.commit),
          readBlob: (blob) => workspace.readBlob(blob),
          addedLines: (file) => workspace.readAddedLines(change, file, diffBase(task)),
          words: wordsOf(work, task.branch),
        },
        {
          live: parts.activeSecrets(),
          protectedPaths: [...config.protectedPaths, ...task.settings.protectedPaths],
        },
        parts.search,
      );
      if (task.feedback?.kind === 'conflict') findings.push(...(await findMarks(workspace, change)));
      const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
      await tell(task, { type: 'scanned', blocked: count('block'), marked: count('mark') });
      return findings;
    },
  };
}

/** What git writes where both sides changed the same. */
const conflictMark = /^(?:<{7} |>{7} )/m;

async function findMarks(workspace: Workspace, change: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { path, blob } of await workspace.readChanges(change))
    if (blob && conflictMark.test((await workspace.readBlob(blob)).toString('latin1')))
      findings.push({ severity: 'block', rule: 'conflict', path, says: 'still has marks of a conflict' });
  return findings;
}

function countTests(run: TestRun): Extract<RunEvent, { type: 'tests-run' }>['tests'] {
  const count = (outcome: string) => run.cases.filter((test) => test.outcome === outcome).length;
  const { command, runner, exitCode, ended, durationMs } = run;
  return {
    command,
    runner,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    exitCode,
    ended,
    durationMs,
  };
}

function sayMinutes(minutes: number): string {
  const [count, unit] = minutes < 1 ? [Math.round(minutes * 60), 'second'] : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Tests that say nothing about the base can say nothing about a change. */
function describeUnusableTests(run: TestRun, task: Task): string | null {
  const setting = 'Set `test` in .github/pullwright.yml.';
  if (run.ended === 'timeout')
    return `the tests do not end: "${run.command}" ran for more than ${sayMinutes(task.settings.timeouts.test)} on the untouched base, and was ended. Set \`test\` or \`timeouts.test\` in .github/pullwright.yml`;
  if (run.ended === 'output-limit')
    return `the tests print more than can be kept: "${run.command}". ${setting}`;
  const missing = run.exitCode === 127 || run.exitCode === 126 || /Missing script: /.test(run.outputTail);
  if (run.cases.length === 0 && missing)
    return `the test command is not there: "${run.command}" ended with exit code ${run.exitCode}. ${setting}\n\n${indent(run.outputTail.trim().slice(-600))}`;
  return null;
}
