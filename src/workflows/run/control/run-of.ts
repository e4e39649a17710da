/** The run that a step works on, for logs. */
export interface StepSubject {
  runId: string;
  /** `owner/name`. */
  repository: string;
  issue: number;
}

interface Names {
  owner: string;
  name: string;
}

/** @param argument a step's first argument: a run or its task; null for anything else */
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
