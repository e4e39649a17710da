import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk';

/**
 * Replaces queued workflows of an application version that no live worker runs. They cannot be continued,
 * because the stored results of their steps do not match a workflow with other steps. The old workflow is
 * cancelled last, so that a crash in between leaves it to be found again.
 * @param replace starts another workflow in place of the given one; MUST tolerate being called twice
 * @returns the ids of the workflows that were replaced
 */
export async function restartOutdated(
  findLiveVersions: () => Promise<ReadonlySet<string>>,
  replace: (workflow: WorkflowStatus) => Promise<void>,
): Promise<string[]> {
  const queued = await DBOS.listWorkflows({ status: 'ENQUEUED', loadInput: false, loadOutput: false });
  // Read the versions after the workflows: a worker that starts in between has workflows of a live version.
  const versions = await findLiveVersions();
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
