import type { Task, Trigger } from '../task/task.js';
import type { Run } from './run.js';

/** Fields of every log line about a run or a trigger. */
export interface LogFields {
  run?: string;
  /**
   * GitHub's id of the delivery. Log lines about triggers contain it. Log lines about runs contain `run`
   * instead.
   */
  delivery?: string;
  /** In the form `owner/name`. */
  repository: string;
  /** The number of the issue. For a trigger on a pull request, the number of that pull request. */
  issue: number;
}

/** Fields of every log line about a run. */
export type RunFields = LogFields & { run: string };

export function fieldsOfRun({ id, trigger, issueNumber }: Run): RunFields {
  return { run: id, repository: nameOf(trigger.repository), issue: issueNumber };
}

export function fieldsOfTask({ runId, repository, issue }: Task): RunFields {
  return { run: runId, repository: nameOf(repository), issue: issue.number };
}

export function fieldsOfTrigger({ deliveryId, repository, issue }: Trigger): LogFields {
  return { delivery: deliveryId, repository: nameOf(repository), issue: issue.number };
}

/**
 * Returns the log fields for a step's first argument, which can be a run, a task or a trigger.
 * @returns null if the argument is anything else
 */
export function fieldsOf(argument: unknown): LogFields | null {
  if (argument === null || typeof argument !== 'object') return null;
  if ('runId' in argument && 'repository' in argument) return fieldsOfTask(argument as Task);
  if ('id' in argument && 'trigger' in argument) return fieldsOfRun(argument as Run);
  if ('deliveryId' in argument && 'issue' in argument) return fieldsOfTrigger(argument as Trigger);
  return null;
}

function nameOf({ owner, name }: { owner: string; name: string }): string {
  return `${owner}/${name}`;
}
