import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command, Egress, Sandbox } from '../../sandbox/sandbox.js';
import type { Provision } from '../provision.js';
import { runScript } from '../run-script.js';
import { cloneScript, cloneSubmoduleScript, renewScript } from '../snapshot-scripts.js';
import { makeTreeFolder, type RunFolders, type TreeSandboxes } from '../tree-sandboxes.js';
import type { SetupExecution, SetupResult, WorkspaceSpec } from '../workspace.js';
import { nameAsker } from './name-asker.js';
import { type Submodule, submoduleMirror } from './open-submodules.js';
import {
  failsForLockfile,
  failsForVersion,
  withLooseLockfile,
  withoutLockfile,
  withoutPackage,
} from './without-lockfile.js';
import { failsForNetwork, withoutScripts } from './without-scripts.js';

const maxOutputCharacters = 4000;
/** A script of a package could otherwise name another missing package each time. */
const maxOtherForms = 6;

/** The result of the set-up, as this machine stores it. */
export interface StoredSetup extends SetupResult {
  /** The names of the services that started. */
  services: readonly string[];
}

export function setupResultFile({ root }: RunFolders): string {
  return path.join(root, 'set-up.json');
}

/**
 * Clones the repository into the set-up folder and installs its dependencies. Each machine does this once per
 * run. The first call stores its result next to the folder, and later calls only read that result.
 */
export async function setUp(
  trees: TreeSandboxes,
  folders: RunFolders,
  spec: WorkspaceSpec & { submodules: readonly Submodule[] },
  webUrl: string,
  { allowed, notGranted }: Egress,
  { services, provided, missing }: Pick<Provision, 'services' | 'provided' | 'missing'>,
): Promise<SetupResult> {
  const resultFile = setupResultFile(folders);
  if (existsSync(resultFile)) return JSON.parse(await readFile(resultFile, 'utf8')) as StoredSetup;
  await makeTreeFolder(folders.setUp, trees.uid);
  if (services) await rename(folders.services, path.join(folders.setUp, 'services'));
  const sandbox = trees.openTree(folders.setUp);
  const clone = describeClone(spec.baseCommit, spec, webUrl);
  await runScript(sandbox.own, cloneScript, clone);
  for (const submodule of spec.submodules)
    await runScript(sandbox.own, cloneSubmoduleScript, [
      ...[submoduleMirror(submodule), submodule.path, submodule.commit],
    ]);
  const executions = await runSetup(sandbox, spec.setup, spec.setupTimeoutMs, allowed && { egress: allowed });
  // Set-up commands change files such as lockfiles. This script restores the repository's own content.
  if (executions.length > 0) await runScript(sandbox.own, renewScript, clone);
  await sandbox.dispose();
  const ok = hasSucceeded(executions);
  const result: StoredSetup = {
    ...{ ok, network: allowed !== null, notGranted, provided, missing, executions },
    services: services?.names ?? [],
  };
  await writeFile(`${resultFile}.new`, JSON.stringify(result));
  await rename(`${resultFile}.new`, resultFile);
  return result;
}

/**
 * Returns the arguments of the scripts that make a clone.
 * @param commit the commit that is checked out
 */
export function describeClone(
  commit: string,
  { baseCommit, baseBranch, repository }: WorkspaceSpec,
  webUrl: string,
): string[] {
  const { owner, name, defaultBranch } = repository;
  return [commit, baseCommit, baseBranch, defaultBranch, `${webUrl}/${owner}/${name}.git`];
}

/**
 * Runs the set-up commands, also after one has failed. If an installation fails because a script of a package
 * cannot reach a host, it runs once more without scripts of packages. If the registry lacks a version that
 * the lockfile names, it runs once more without the lockfile, and then without packages that the registry
 * lacks. All commands share one timeout.
 */
export async function runSetup(
  sandbox: Sandbox,
  commands: readonly string[],
  totalTimeoutMs: number,
  options: Pick<Command, 'egress' | 'env' | 'signal'> | null,
): Promise<SetupResult['executions']> {
  const executions: SetupResult['executions'] = [];
  const deadline = Date.now() + totalTimeoutMs;
  const run = async (script: string): Promise<SetupExecution> => {
    const timeoutMs = Math.max(1, deadline - Date.now());
    const execution = await sandbox.execute({ script, services: true, timeoutMs, ...options });
    const { output, refusedHosts } = execution;
    const askers = refusedHosts.flatMap((host) => {
      const asker = nameAsker(output, host);
      return asker === null ? [] : [[host, asker]];
    });
    return {
      ...{ ...execution, stdout: '', stderr: '', output: output.slice(-maxOutputCharacters), script },
      askers: Object.fromEntries(askers),
    };
  };
  for (const script of commands) {
    const execution = await run(script);
    const failed: SetupExecution[] = [];
    let last = execution;
    for (
      let other = findOtherForm(last);
      other !== null && failed.length < maxOtherForms && last.ended === 'exited';
      other = findOtherForm(last)
    ) {
      failed.push({ ...last, replacedFor: other.reason });
      last = await run(other.script);
    }
    executions.push(...(last.exitCode === 0 ? [...failed, last] : [execution]));
    // After a failure, the tests may still run in part, and the next commands may prepare that part.
    if (last.ended !== 'exited') break;
  }
  return executions;
}

/** Returns another form of a failed installation, which may succeed; null if there is none. */
function findOtherForm(
  execution: SetupExecution,
): { script: string; reason: NonNullable<SetupExecution['replacedFor']> } | null {
  const loose = failsForLockfile(execution) ? withLooseLockfile(execution.script) : null;
  if (loose !== null) return { script: loose, reason: 'lockfile' };
  const newest = failsForVersion(execution) ? withoutLockfile(execution.script) : null;
  if (newest !== null) return { script: newest, reason: 'version' };
  const fewer = failsForVersion(execution) ? withoutPackage(execution.script, execution.output) : null;
  if (fewer !== null) return { script: fewer, reason: 'package' };
  const quiet = failsForNetwork(execution) ? withoutScripts(execution.script) : null;
  return quiet === null ? null : { script: quiet, reason: 'host' };
}

/** Returns whether all commands succeeded, maybe in another form. */
export function hasSucceeded(executions: SetupResult['executions']): boolean {
  return executions.every(({ exitCode, replacedFor }) => exitCode === 0 || replacedFor);
}
