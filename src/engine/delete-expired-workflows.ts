import type { DBOS } from '@dbos-inc/dbos-sdk';

/** The engine itself, or a client of it. */
export type Workflows = Pick<typeof DBOS, 'listWorkflows' | 'deleteWorkflows'>;

const batch = 500;
const finished = ['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'] as const;

/**
 * Removes finished workflows that were begun before `before`, with all that their steps returned: the transcripts.
 * @returns how many
 */
export async function deleteExpiredWorkflows(workflows: Workflows, before: Date): Promise<number> {
  for (let forgotten = 0; ; ) {
    const found = await workflows.listWorkflows({
      status: [...finished],
      endTime: before.toISOString(),
      limit: batch,
      loadInput: false,
      loadOutput: false,
    });
    await workflows.deleteWorkflows(found.map(({ workflowID }) => workflowID));
    forgotten += found.length;
    if (found.length < batch) return forgotten;
  }
}
