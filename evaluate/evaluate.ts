import { writeFile } from 'node:fs/promises';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';
import { checkTasks } from './check-tasks.js';
import { findGitDir, findMirror } from './find-mirror.js';
import type { Grader } from './grade/grade.js';
import { openGrader } from './grade/open-grader.js';
import { loadTasks } from './load/load-tasks.js';
import { type FixToMake, makeTask } from './make/make-task.js';
import { readCatalog, readIssue } from './make/read-catalog.js';
import { type Options, readOptions, usage } from './options.js';
import { renderComparison } from './report/compare.js';
import { renderReport } from './report/report.js';
import { readResults } from './results.js';
import { runEvaluation } from './run-evaluation.js';
import { InputError, type Task } from './task.js';

/*
 * `npm run evaluate`: measures how many issues of real repositories the product resolves. Hidden tests
 * decide. docs/evaluate.md explains the commands.
 */

const print = (line: string) => console.log(line);
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

const words = process.argv.slice(2);
if (words.length === 0 || words.includes('--help')) print(usage);
else
  try {
    process.exitCode = await execute(readOptions(words));
  } catch (error) {
    if (!(error instanceof InputError) && !interruption.signal.aborted) throw error;
    console.error(`evaluate: ${(error as Error).message}`);
    process.exitCode = interruption.signal.aborted ? 130 : 64;
  }

/** @returns the exit code */
async function execute(options: Options): Promise<number> {
  switch (options.command) {
    case 'report':
      renderReport(await readResults(options.file)).forEach(print);
      return 0;
    case 'compare':
      renderComparison(await readResults(options.a), await readResults(options.b)).forEach(print);
      return 0;
    case 'run': {
      const tasks = select(await loadTasks(options.tasks), options.only);
      return withGrader((grader, environment) =>
        runEvaluation({ ...options, tasks, grader, environment, print, signal: interruption.signal }),
      );
    }
    case 'check': {
      const tasks = select(await loadTasks(options.tasks), options.only);
      return withGrader((grader) =>
        checkTasks(grader, tasks, (repo) => findMirror(options.repositories, repo), print),
      );
    }
    case 'make-catalog': {
      const fixes = select(await readCatalog(options.catalog), options.only);
      return makeTasks(fixes, (repo) => findMirror(options.repositories, repo), options.out);
    }
    case 'make': {
      const { repository, id, repo, fix, setup, test } = options;
      const gitDir = findGitDir(repository);
      if (!gitDir)
        throw new InputError(`--repository: expected a git repository; found none at ${repository}`);
      const problem_statement = await readIssue(options.issue);
      const given = { instance_id: id, repo, fix, problem_statement, setup, test };
      return makeTasks([given], () => gitDir, options.out);
    }
  }
}

/** @returns the exit code: 1 if a fix could not become a task */
async function makeTasks(
  fixes: readonly FixToMake[],
  mirrorOf: (repo: string) => string,
  out: string,
): Promise<number> {
  const tasks: Task[] = [];
  let failures = 0;
  await withGrader(async (grader) => {
    for (const fix of fixes) {
      interruption.signal.throwIfAborted();
      try {
        const task = await makeTask(grader, mirrorOf(fix.repo), fix);
        tasks.push(task);
        const { FAIL_TO_PASS, PASS_TO_PASS, checks } = task;
        const counts = `${FAIL_TO_PASS.length} to newly pass, ${PASS_TO_PASS.length} to still pass`;
        print(`${fix.instance_id}: ${counts}${checks ? '' : ', without checks of the runner'}`);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        failures += 1;
        print(`${fix.instance_id}: ${error.message}`);
      }
    }
  });
  await writeFile(out, tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
  return failures === 0 ? 0 : 1;
}

async function withGrader<T>(
  work: (grader: Grader, environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  const environment = inheritVariables(process.env);
  const folder = await createTemporaryFolder('pullwright-grader-');
  try {
    return await work(await openGrader(folder.path, environment), environment);
  } finally {
    await folder.remove();
  }
}

function select<Item extends { instance_id: string }>(items: Item[], only: string[] | null): Item[] {
  const unknown = only?.find((id) => !items.some(({ instance_id }) => instance_id === id));
  if (unknown !== undefined) throw new InputError(`--only: expected the id of a task; found ${unknown}`);
  return only ? items.filter(({ instance_id }) => only.includes(instance_id)) : items;
}

/**
 * Selects the operator's settings for models, budgets, sandboxes and registries. Settings of a real App on
 * this machine must not reach the evaluation.
 */
function inheritVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const wanted =
    /^(npm_config_\w+|pip_\w+|NODE_EXTRA_CA_CERTS|TMPDIR|SANDBOX\w*|EGRESS\w*|BUDGET_\w+|PULLWRIGHT_(?:MODEL|PRICES|EFFORT)|UNPRICED_MODELS|MODEL_\w+|ANTHROPIC_\w+|AWS_\w+|GOOGLE_\w+|CLOUD_ML_REGION)$/i;
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && wanted.test(name) ? [[name, value]] : [],
    ),
  );
}
