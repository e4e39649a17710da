import path from 'node:path';
import type { Sandbox } from '../sandbox/sandbox.js';
import { importBundle, readBundle } from './bundle.js';
import type { GitStore } from './git-store.js';
import { runScript } from './run-script.js';
import { checkpointScript, restoreScript } from './snapshot-scripts.js';
import type { CheckpointStore, Workspace } from './workspace.js';

/** The methods of Workspace that take and restore git snapshots of the agent's tree. */
export type AgentTree = Pick<Workspace, 'treeCommit' | 'markDirty' | 'checkpoint' | 'restore'>;

/**
 * Opens the agent's tree, which starts at the base commit.
 * @param snapshots a sandbox that contains the agent's tree and the snapshot repository
 * @param run the run's id, its base commit, its git store on the host, and the store of its checkpoints
 */
export function openAgentTree(
  snapshots: Sandbox,
  snapshotFolder: string,
  run: { runId: string; baseCommit: string; store: GitStore; checkpoints: CheckpointStore },
): AgentTree {
  let treeCommit: string | null = run.baseCommit;
  return {
    get treeCommit() {
      return treeCommit;
    },
    markDirty: () => {
      treeCommit = null;
    },
    checkpoint: async () => {
      const { stdout } = await runScript(snapshots, checkpointScript, [run.baseCommit]);
      const [commit = '', tree = ''] = stdout.trim().split(' ');
      const bundle = await readBundle(path.join(snapshotFolder, 'bundle'));
      await importBundle(run.store, bundle);
      await run.checkpoints.save(run.runId, commit, bundle);
      treeCommit = commit;
      return { commit, tree };
    },
    restore: async (commit) => {
      await runScript(snapshots, restoreScript, [commit]);
      treeCommit = commit;
    },
  };
}
