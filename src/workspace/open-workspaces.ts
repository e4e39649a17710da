import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type AbortableSandboxes, makeAbortable, removeFolder } from '../sandbox/sandbox.js';
import { makeBundle } from './bundle.js';
import { openGitStore } from './git-store.js';
import { mergeBranches } from './merge-branches.js';
import { openWorkspace, type WorkspaceOptions } from './open-workspace.js';
import { runFolders } from './tree-sandboxes.js';
import type { Workspace, Workspaces } from './workspace.js';

export type { WorkspaceOptions };

export function openWorkspaces(options: WorkspaceOptions): Workspaces {
  const opened = new Map<string, Promise<Workspace>>();
  const abortables = new Map<string, AbortableSandboxes>();
  return {
    warning: options.sandboxes.warning,
    open: (spec) => {
      const known = opened.get(spec.runId);
      if (known) return known;
      const abortable = makeAbortable(options.sandboxes);
      abortables.set(spec.runId, abortable);
      const { sandboxes } = abortable;
      const opening = openWorkspace({ ...options, sandboxes }, spec, () => opened.delete(spec.runId));
      opened.set(spec.runId, opening);
      opening.catch(() => opened.delete(spec.runId));
      return opening;
    },
    merge: async ({ runId, repository }, ours, theirs) => {
      const folders = runFolders(path.join(options.folder, runId));
      await mkdir(folders.root, { recursive: true, mode: 0o750 });
      const store = await openGitStore(folders.store, options.mirrors.open(repository).folder);
      const merge = await mergeBranches(store, ours, theirs);
      await options.checkpoints.save(
        runId,
        merge.commit,
        await makeBundle(store, merge.commit, [ours, theirs]),
      );
      return merge;
    },
    interrupt: (runId) => abortables.get(runId)?.abort(),
    discard: async (runId) => {
      abortables.delete(runId);
      const workspace = await opened.get(runId)?.catch(() => null);
      await workspace?.dispose();
      await removeFolder(path.join(options.folder, runId));
    },
    sweep: async (liveRunIds) => {
      await mkdir(options.folder, { recursive: true });
      // Keep the folders of opened workspaces, even if their runs are not in the list. A run may have started
      // after the list was made.
      for (const name of await readdir(options.folder))
        if (!liveRunIds.includes(name) && !opened.has(name))
          await removeFolder(path.join(options.folder, name));
    },
  };
}
