/** The run that a step works on, as log lines name it. */
export interface StepSubject {
  runId: string;
  /** In the form `owner/name`. */
  repository: string;
  issue: number;
}

interface Names {
  owner: string;
  name: string;
}

/**
 * Finds the run that a step works on.
 * @param argument the step's first argument
 * @returns null if the argument is neither a run nor a task
 */
export function runOf(argument: unknown): StepSubject | null {
  if (argument === null || typeof argument !== 'object') return null;
  if ('runId' in argument && 'repository' in argument && 'issue' in argument) {
    const { runId, repository, issue } = argument as {
      runId: string;
      repository: Names;
      issue: { number: number };
    };
    return { runId, repository: `${repository.owner}/${repository.name}`, issue: issue.number };
  }
  if (!('trigger' in argument && 'id' in argument)) return null;
  const { id, trigger, issueNumber } = argument as {
    id: string;
    trigger: { repository: Names };
    issueNumber: number;
  };
  return {
    runId: id,
    repository: `${trigger.repository.owner}/${trigger.repository.name}`,
    issue: issueNumber,
  };
}
