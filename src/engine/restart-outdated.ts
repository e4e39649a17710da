import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk';

/**
 * Takes on what waits for a worker with another version of the stories, where none lives any more. What its steps returned
 * means nothing to a story in another order, so another workflow takes its place; the old one is cancelled behind that:
 * who dies in between finds it again.
 * @param replace MUST bear being asked twice
 * @returns the ids of the workflows that were replaced
 */
export async function restartOutdated(
  findVersions: () => Promise<ReadonlySet<string>>,
  replace: (workflow: WorkflowStatus) => Promise<void>,
): Promise<string[]> {
  const queued = await DBOS.listWorkflows({ status: 'ENQUEUED', loadInput: false, loadOutput: false });
  const versions = await findVersions();
  const outdated = queued
    .filter(({ applicationVersion }) => applicationVersion && !versions.has(applicationVersion))
    .map(({ workflowID }) => workflowID);
  for (const id of outdated) {
    const [workflow] = await DBOS.listWorkflows({ workflowIDs: [id], loadOutput: false });
    if (workflow) await replace(workflow);
    await DBOS.cancelWorkflow(id);
  }
  return outdated;
}
