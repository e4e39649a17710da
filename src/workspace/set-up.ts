import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Egress,
  makeSandboxFolder,
  removeFolder,
  type Sandbox,
  type Sandboxes,
} from '../sandbox/sandbox.js';
import { runGit } from './run-git.js';
import { cloneScript, renewScript } from './snapshot-scripts.js';
import type { SetupResult, WorkspaceSpec } from './workspace.js';

/** Clones and installs, once per machine: a finished set-up has its result beside it. */
export async function setUp(
  withTree: (folder: string) => Sandbox,
  uid: number | null,
  root: string,
  folder: string,
  spec: WorkspaceSpec,
  { allowed, notGranted }: Egress,
): Promise<SetupResult> {
  const record = path.join(root, 'set-up.json');
  if (existsSync(record)) return JSON.parse(await readFile(record, 'utf8')) as SetupResult;
  await removeFolder(folder);
  await mkdir(folder, { recursive: true });
  await makeSandboxFolder(path.join(folder, 'tree'), uid);
  await makeSandboxFolder(path.join(folder, 'home'), uid);
  const sandbox = withTree(folder);
  await runGit(sandbox, cloneScript, [spec.baseCommit]);
  const executions: SetupResult['executions'] = [];
  const deadline = Date.now() + spec.setupTimeoutMs;
  for (const script of spec.setup) {
    const timeoutMs = Math.max(1, deadline - Date.now());
    const execution = await sandbox.execute({
      script,
      timeoutMs,
      ...(allowed && { egress: allowed }),
    });
    const tail = { stdout: '', stderr: '', output: execution.output.slice(-4000) };
    executions.push({ ...execution, ...tail, script });
    if (execution.exitCode !== 0) break;
  }
  // Installs rewrite lockfiles and the like: what the repository holds is what counts.
  if (executions.length > 0) await runGit(sandbox, renewScript, [spec.baseCommit]);
  await sandbox.dispose();
  const ok = executions.every(({ exitCode }) => exitCode === 0);
  const result = { ok, network: allowed !== null, notGranted, executions };
  await writeFile(`${record}.new`, JSON.stringify(result));
  await rename(`${record}.new`, record);
  return result;
}

/** A copy with its owners, links and times; on file systems that can, without copying the data. */
export async function copyTree(sandboxes: Sandboxes, from: string, to: string): Promise<void> {
  await removeFolder(to);
  await mkdir(to, { recursive: true });
  for (const part of ['tree', 'home']) await makeSandboxFolder(path.join(to, part), sandboxes.uid);
  const copying = sandboxes.open([
    { from, to: '/from', writable: false },
    { from: path.join(to, 'tree'), to: '/workspace', writable: true },
    { from: path.join(to, 'home'), to: '/home/agent', writable: true },
  ]);
  await runGit(
    copying,
    'cp -a --reflink=auto /from/tree/. /workspace/ && cp -a --reflink=auto /from/home/. /home/agent/',
    [],
  );
}
