import type { DBOS } from '@dbos-inc/dbos-sdk';

/** DBOS itself or a DBOS client. */
export type Workflows = Pick<typeof DBOS, 'listWorkflows' | 'deleteWorkflows'>;

const batchSize = 500;
const finished = ['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'] as const;

/**
 * Deletes finished workflows that were created before `before`, together with the stored results of their
 * steps. These results contain the transcripts of the agents.
 * @returns the number of deleted workflows
 */
export async function deleteExpiredWorkflows(workflows: Workflows, before: Date): Promise<number> {
  for (let deleted = 0; ; ) {
    const found = await workflows.listWorkflows({
      status: [...finished],
      endTime: before.toISOString(),
      limit: batchSize,
      loadInput: false,
      loadOutput: false,
    });
    await workflows.deleteWorkflows(found.map(({ workflowID }) => workflowID));
    deleted += found.length;
    if (found.length < batchSize) return deleted;
  }
}
