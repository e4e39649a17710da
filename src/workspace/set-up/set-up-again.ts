import path from 'node:path';
import { removeFolder } from '../../sandbox/sandbox.js';
import { runScript } from '../run-script.js';
import { checkOutScript, renewScript, writeFileScript } from '../snapshot-scripts.js';
import type { RunFolders, TreeSandboxes } from '../tree-sandboxes.js';
import type { SetupCopy, Workspace, WorkspaceSpec } from '../workspace.js';
import { takeDownload } from './open-download.js';
import { describeClone, hasSucceeded, runSetup } from './set-up.js';

/** Creates the function that sets up the project with the content of another commit. */
export function createSetUpAgain(
  trees: TreeSandboxes,
  folders: RunFolders,
  spec: WorkspaceSpec,
  webUrl: string,
  ensureStored: (commit: string) => Promise<void>,
): Workspace['setUpAgain'] {
  let count = 0;
  return async ({ commit, files, download, homeFolders, commands, environment }): Promise<SetupCopy> => {
    await ensureStored(commit);
    count += 1;
    const folder = path.join(folders.changed, String(count));
    await trees.copyTree(folders.setUp, folder);
    if (download) await takeDownload(trees, download, folder, homeFolders);
    const sandbox = trees.openTree(folder);
    await runScript(sandbox.own, checkOutScript, [commit]);
    for (const [file, content] of files) await runScript(sandbox.own, writeFileScript, [file], content);
    // The commands run code of the change, so they can reach no host. The empty list still gives them the
    // settings of the registries, and reports the hosts that they tried to reach.
    const executions = await runSetup(sandbox, commands, spec.setupTimeoutMs, {
      egress: [],
      env: environment,
    });
    await runScript(sandbox.own, renewScript, describeClone(commit, spec, webUrl));
    await sandbox.dispose();
    const ok = hasSucceeded(executions);
    return {
      folder,
      result: { ok, network: false, notGranted: [], provided: [], missing: [], executions },
      dispose: () => removeFolder(folder),
    };
  };
}
