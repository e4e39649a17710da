import path from 'node:path';
import type { Sandbox } from '../sandbox/sandbox.js';
import { importBundle, readBundle } from './bundle.js';
import type { GitStore } from './git-store.js';
import { runScript } from './run-script.js';
import { checkpointScript, compareTreeScript, recordTreeScript, restoreScript } from './snapshot-scripts.js';
import type { CheckpointStore, TestWrite, Workspace } from './workspace.js';

/** The methods of Workspace that take and restore git snapshots of the agent's tree. */
export type AgentTree = Pick<
  Workspace,
  'treeCommit' | 'newlyIgnored' | 'markDirty' | 'recordWrites' | 'checkpoint' | 'restore'
>;

/**
 * Opens the agent's tree, which starts at the base commit.
 * @param snapshots a sandbox that contains the agent's tree and the snapshot repository
 * @param ignored what the script that created the snapshot repository printed: the paths that git ignores
 * @param run the run's id, its base commit, its git store on the host, the store of its checkpoints, and a
 * function that makes sure that the git store contains a commit
 */
export function openAgentTree(
  snapshots: Sandbox,
  snapshotFolder: string,
  ignored: string,
  run: {
    runId: string;
    baseCommit: string;
    store: GitStore;
    checkpoints: CheckpointStore;
    ensureStored: (commit: string) => Promise<void>;
  },
): AgentTree {
  let treeCommit: string | null = run.baseCommit;
  const known = new Set(readIgnored(ignored));
  let newlyIgnored: string[] = [];
  return {
    get treeCommit() {
      return treeCommit;
    },
    get newlyIgnored() {
      return newlyIgnored;
    },
    markDirty: () => {
      treeCommit = null;
    },
    recordWrites: async (since, work) => {
      await run.ensureStored(since);
      const recorded = await runScript(snapshots, recordTreeScript, [since]);
      const [tree = '', ...changed] = recorded.stdout.split('\n').filter(Boolean);
      const result = await work();
      const compared = await runScript(snapshots, compareTreeScript, [tree]);
      const isChanged = new Set(changed);
      const written = readRaw(compared.stdout).map((one) => ({ ...one, wasClean: !isChanged.has(one.path) }));
      return { result, written };
    },
    checkpoint: async () => {
      const { stdout } = await runScript(snapshots, checkpointScript, [run.baseCommit]);
      const [ids = ''] = stdout.split('\n', 1);
      const [commit = '', tree = ''] = ids.split(' ');
      const bundle = await readBundle(path.join(snapshotFolder, 'bundle'));
      await importBundle(run.store, bundle);
      await run.checkpoints.save(run.runId, commit, bundle);
      treeCommit = commit;
      newlyIgnored = readIgnored(stdout.slice(ids.length)).filter((path) => !known.has(path));
      for (const path of newlyIgnored) known.add(path);
      return { commit, tree };
    },
    restore: async (commit) => {
      await run.ensureStored(commit);
      await runScript(snapshots, restoreScript, [commit]);
      treeCommit = commit;
      // The turn that created these files may run again. They stay, and count as new again.
      for (const path of newlyIgnored) known.delete(path);
    },
  };
}

/** Leaves out a folder if the paths in it follow. In that case, git does not ignore the folder itself. */
function readIgnored(printed: string): string[] {
  const paths = printed.split('\n').filter(Boolean);
  return paths.filter((path, index) => !(path.endsWith('/') && paths[index + 1]?.startsWith(path)));
}

/** Reads what `git diff-tree --raw -z` printed, with lines in place of NUL. */
function readRaw(printed: string): Omit<TestWrite, 'wasClean'>[] {
  const lines = printed.split('\n');
  return Array.from({ length: Math.floor(lines.length / 2) }, (_, index) => {
    const [, , before = '', blob = ''] = (lines[2 * index] ?? '').split(' ');
    const orNull = (id: string) => (/^0+$/.test(id) ? null : id);
    return { path: lines[2 * index + 1] ?? '', before: orNull(before), blob: orNull(blob) };
  });
}
