import { type Attempt, attemptTask } from './attempt/attempt.js';
import { composeReplay, type Replay } from './attempt/replay.js';
import { type Evaluation, startEvaluation } from './attempt/start-evaluation.js';
import { findMirror } from './find-mirror.js';
import type { Grader } from './grade/grade.js';
import type { Options } from './options.js';
import { renderReport } from './report/report.js';
import { appendResult, type Result, startResults } from './results.js';
import { runTasks } from './run-tasks.js';
import { InputError, type Task } from './task.js';

interface Evaluating extends Omit<Extract<Options, { command: 'run' }>, 'command' | 'tasks' | 'only'> {
  tasks: readonly Task[];
  grader: Grader;
  environment: Record<string, string>;
  print(line: string): void;
  signal: AbortSignal;
}

/**
 * Attempts and grades all tasks, and prints the report.
 * @returns the exit code
 */
export async function runEvaluation(options: Evaluating): Promise<number> {
  const { tasks, repositories, out, replay, grader, print, signal } = options;
  const environment = replay ? withoutProvider(options.environment) : options.environment;
  if (!replay && !hasProvider(environment))
    throw new InputError(
      'ANTHROPIC_API_KEY: expected a key for Claude, another provider of models, or --replay; found none',
    );
  const mirrors = new Map(tasks.map(({ repo }) => [repo, findMirror(repositories, repo)]));
  await startResults(out);
  const evaluation = await startEvaluation({
    environment: { ...environment, ...limitsOf(options) },
    isScripted: replay !== null,
    model: options.model,
  });
  try {
    const { results } = await runTasks({
      ...options,
      attempt: async (task, repeat) => {
        const mirror = mirrors.get(task.repo) ?? '';
        const turns = replay && composeReplay(task, replay);
        const attempt = await attemptTask(evaluation, task, mirror, turns, signal);
        return gradeAttempt({ task, repeat, attempt, mirror, replay, grader });
      },
      save: (result) => appendResult(out, result),
    });
    renderReport(results).forEach(print);
    return reportViolations(evaluation, print);
  } finally {
    await evaluation.close();
  }
}

/** The app checks the settings of the provider itself. */
function hasProvider(environment: Record<string, string>): boolean {
  return ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'MODEL_PROVIDER'].some((name) => environment[name]);
}

/** Only the scripted model plays replays. No credential of a provider is needed. */
function withoutProvider(environment: Record<string, string>): Record<string, string> {
  const provider = /^(?:MODEL_PROVIDER|ANTHROPIC_\w+|AWS_\w+|GOOGLE_\w+|CLOUD_ML_REGION)$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !provider.test(name)));
}

/** The budget of one run is at most what the whole evaluation may spend. */
function limitsOf({ maxDollars, environment }: Evaluating): Record<string, string> {
  if (maxDollars === null) return {};
  const budget = Number(environment.BUDGET_DOLLARS || '5');
  return { BUDGET_DOLLARS: String(Math.min(budget, maxDollars)) };
}

export async function gradeAttempt({
  task,
  repeat,
  attempt,
  mirror,
  replay,
  grader,
}: {
  task: Task;
  repeat: number;
  attempt: Attempt;
  mirror: string;
  replay: Replay | null;
  grader: Grader;
}): Promise<Result> {
  const { change, source, model, ...measured } = attempt;
  const { instance_id, repo } = task;
  const result = { instance_id, repo, repeat, player: replay ?? model, ...measured };
  try {
    const grade = change && (await grader.grade(task, { mirror, candidate: change, sources: [source] }));
    return { ...result, grade };
  } catch (error) {
    // The attempt was paid for. The fault of one task must not end the evaluation.
    if (!(error instanceof InputError)) throw error;
    return { ...result, grade: null, detail: `the change could not be graded: ${error.message}` };
  }
}

function reportViolations({ github, scripted }: Evaluation, print: (line: string) => void): number {
  const violations = [...github.violations, ...(scripted?.violations ?? [])];
  for (const violation of violations) print(`violation: ${violation}`);
  return violations.length === 0 ? 0 : 1;
}
