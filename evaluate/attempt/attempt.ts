import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';
import { readEvents } from '../../src/database/run-events.js';
import { listRuns } from '../../src/database/runs.js';
import type { Run } from '../../src/runs/run.js';
import type { RunEvent } from '../../src/runs/run-event.js';
import { settingsPath } from '../../src/task/settings.js';
import type { Task } from '../task.js';
import { readSpend, type Spend } from './read-spend.js';
import type { Evaluation } from './start-evaluation.js';

export interface Attempt extends Spend {
  outcome: 'pull-request' | 'draft' | 'plan' | 'question' | 'refusal' | 'stopped' | 'failed';
  /** What the bot said about the outcome; empty for a pull request. */
  detail: string;
  /** The commits before and after the agent's work; null if the run pushed nothing. */
  change: { from: string; to: string } | null;
  /** The git directory that contains these commits. */
  source: string;
  model: string;
}

const maintainer = 'ada';
const intervalMs = 200;

/**
 * Lets the product work on the issue of a task, from the label to the outcome.
 * @param turns the replies of the scripted model; null if the model is Claude
 */
export async function attemptTask(
  evaluation: Evaluation,
  task: Task,
  mirror: string,
  turns: ScriptedTurn[] | null,
  signal?: AbortSignal,
): Promise<Attempt> {
  const { github, scripted } = evaluation;
  const count = github.state.repositories.length + 1;
  const name = `evaluate/${task.instance_id.slice(0, 80)}-${count}`;
  const repository = await github.createRepository(name, {
    from: mirror,
    commit: task.base_commit,
    defaultBranch: 'main',
    ...settingsOf(task),
  });
  const from = (await github.git(name, ['rev-parse', 'refs/heads/main'])).trim();
  github.setRole(name, maintainer, 'maintain');
  const issue = splitIssue(task.problem_statement);
  if (turns) scripted?.script({ when: issue.title, turns });
  const number = await github.openIssue(name, { ...issue, author: maintainer });
  const previous = (await listRuns(evaluation.db, 1))[0]?.id ?? null;
  await github.label(name, number, 'backend', maintainer);
  const { run, events } = await followRun(evaluation, previous, name, number, signal);
  const pushed = events.findLast((event) => event.type === 'pushed');
  const read = events.findLast((event) => event.type === 'task-read');
  const outcome = run.outcome ?? { kind: 'failed' as const, reason: 'the run has no outcome' };
  const { kind, ...detail } = outcome;
  return {
    outcome: kind,
    detail: kind === 'pull-request' ? '' : JSON.stringify(detail).slice(0, 500),
    change: pushed ? { from, to: pushed.commit } : null,
    source: repository.folder,
    model: read?.model ?? '',
    ...readSpend(events, run),
  };
}

/** The commands of a task are settings of its repository. */
function settingsOf({ setup, test }: Task): { files?: Record<string, string> } {
  if (setup === null && test === null) return {};
  const settings = { ...(setup && { setup }), ...(test !== null && { test }) };
  return { files: { [settingsPath]: stringify(settings) } };
}

/** Splits the text of an issue into its title, which is the first line, and the rest. */
export function splitIssue(text: string): { title: string; body: string } {
  const [first = '', ...rest] = text.trim().split('\n');
  const title = first.replace(/^#+\s*/, '').trim();
  return { title: title.length > 200 ? `${title.slice(0, 199)}…` : title, body: rest.join('\n').trim() };
}

async function followRun(
  { db, app, github }: Evaluation,
  previous: string | null,
  name: string,
  number: number,
  signal?: AbortSignal,
): Promise<{ run: Run; events: RunEvent[] }> {
  for (;;) {
    signal?.throwIfAborted();
    if (app.process.exitCode !== null || app.process.signalCode !== null)
      throw new Error(`the app ended unexpectedly:\n${app.log.slice(-30).join('\n')}`);
    const [run] = await listRuns(db, 1);
    if (run && run.id !== previous) {
      const events = (await readEvents(db, run.id)).map(({ event }) => event);
      // The run's row and its last event are written separately, so wait for both.
      if (run.status === 'settled' && events.at(-1)?.type === 'settled') return { run, events };
    } else {
      const refused = github.botComments(name, number)[0]?.body;
      if (refused) throw new Error(`no run was started; the bot says:\n${refused}`);
    }
    await pause(intervalMs, undefined, signal && { signal });
  }
}
