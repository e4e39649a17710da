import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk';

/**
 * Replaces queued workflows whose application version is not the version of any live worker. No worker can
 * continue these workflows, because their stored results do not match the steps of any other version. An old
 * workflow is cancelled after its replacement has started. If the process crashes before the cancellation, a
 * later search finds the old workflow again.
 * @param replace starts another workflow in place of the given one; MUST be idempotent
 * @returns the ids of the workflows that were replaced
 */
export async function restartOutdated(
  findLiveVersions: () => Promise<ReadonlySet<string>>,
  replace: (workflow: WorkflowStatus) => Promise<void>,
): Promise<string[]> {
  const queued = await DBOS.listWorkflows({ status: 'ENQUEUED', loadInput: false, loadOutput: false });
  // Read the live versions after the workflows. Otherwise the workflows of a worker that starts in between
  // would seem outdated.
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
