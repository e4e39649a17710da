import { constants, existsSync } from 'node:fs';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { diskFull, isDiskFull, RunEnded } from '../runs/settlement.js';
import type { Repository } from '../task/task.js';
import { makeSandboxFolder } from './bubblewrap.js';
import type { Egress } from './choose-egress.js';
import { hostGit } from './host-git.js';
import type { Mirrors } from './mirror.js';
import { pushCheckpoint } from './push-checkpoint.js';
import { readAddedLines, readBlob, readChanges, readLeftOut } from './read-changes.js';
import type { Execution, Mount, Sandbox, Sandboxes } from './sandbox.js';
import {
  beginSnapshotsScript,
  checkOutScript,
  checkpointScript,
  cloneScript,
  restoreScript,
} from './snapshot-scripts.js';
import type { CheckpointStore, GrantGitAccess, SetupResult, Workspace, WorkspaceSpec } from './workspace.js';

interface Options {
  /** Where the runs' folders are. */
  folder: string;
  webUrl: string;
  sandboxes: Sandboxes;
  mirrors: Mirrors;
  checkpoints: CheckpointStore;
  grantGitAccess: GrantGitAccess;
  /** The hosts that a repository's set-up may reach from this machine. */
  egressOf: (repository: Repository, asked: WorkspaceSpec['egress']) => Egress;
}

export interface Workspaces {
  /** The run's workspace on this machine, made when it is not there. */
  open(spec: WorkspaceSpec): Promise<Workspace>;
  /** Removes what a run has on this machine; nothing, when it has nothing here. */
  discard(runId: string): Promise<void>;
  /** Removes what runs that are not in `live` left behind. */
  sweep(live: readonly string[]): Promise<void>;
}

const gitTimeoutMs = 300_000;
const maxBundleBytes = 64 * 1024 * 1024;

export function openWorkspaces(options: Options): Workspaces {
  const opened = new Map<string, Promise<Workspace>>();
  return {
    open: (spec) => {
      const known = opened.get(spec.runId);
      if (known) return known;
      const opening = openWorkspace(options, spec, () => opened.delete(spec.runId));
      opened.set(spec.runId, opening);
      opening.catch(() => opened.delete(spec.runId));
      return opening;
    },
    discard: async (runId) => {
      const workspace = await opened.get(runId)?.catch(() => null);
      await workspace?.dispose();
      await rm(path.join(options.folder, runId), { recursive: true, force: true });
    },
    sweep: async (live) => {
      await mkdir(options.folder, { recursive: true });
      for (const name of await readdir(options.folder))
        if (!live.includes(name)) await rm(path.join(options.folder, name), { recursive: true, force: true });
    },
  };
}

async function openWorkspace(options: Options, spec: WorkspaceSpec, closed: () => void): Promise<Workspace> {
  const { sandboxes, mirrors } = options;
  const root = path.join(options.folder, spec.runId);
  const mirror = mirrors.open(spec.repository);
  const storeFolder = path.join(root, 'store.git');
  const store = { gitDir: storeFolder, alternates: [path.join(mirror.folder, 'objects')] };
  const outputsFolder = path.join(root, 'outputs');
  const snapshotFolder = path.join(root, 'snapshot');
  const agentFolder = path.join(root, 'agent');
  const pristineFolder = path.join(root, 'pristine');

  const readable: Mount[] = [
    { from: mirror.folder, to: '/mirror', writable: false },
    { from: storeFolder, to: '/store', writable: false },
  ];
  const withTree = (folder: string, more: Mount[] = []) =>
    sandboxes.open([
      ...readable,
      { from: path.join(folder, 'tree'), to: '/workspace', writable: true },
      { from: path.join(folder, 'home'), to: '/home/agent', writable: true },
      ...more,
    ]);

  await mkdir(root, { recursive: true, mode: 0o750 });
  for (const folder of [options.folder, root]) {
    await chmod(folder, 0o750);
    if (sandboxes.uid !== null) await chown(folder, process.getuid?.() ?? 0, sandboxes.uid);
  }
  await mkdir(outputsFolder, { recursive: true });
  if (!existsSync(mirror.folder) || (await missing(mirror.folder, spec.baseCommit)))
    await mirrors.update(spec.repository);
  if (!existsSync(path.join(storeFolder, 'HEAD')))
    await hostGit({ gitDir: storeFolder }).raw('init', '--quiet', '--bare', storeFolder);

  const egress = options.egressOf(spec.repository, spec.egress);
  const setupResult = await setUp(withTree, sandboxes.uid, root, pristineFolder, spec, egress);
  // The agent's copy is made anew for each process: what a killed one left half done is not trusted.
  await rm(agentFolder, { recursive: true, force: true });
  await rm(snapshotFolder, { recursive: true, force: true });
  await rm(path.join(root, 'checks'), { recursive: true, force: true });
  await makeSandboxFolder(snapshotFolder, sandboxes.uid);
  await copyTree(sandboxes, pristineFolder, agentFolder);

  const agent = withTree(agentFolder, [{ from: outputsFolder, to: '/outputs', writable: false }]);
  // Its own sandbox: the agent's home, and what is in it, is not there.
  const snapshots = sandboxes.open([
    ...readable,
    { from: path.join(agentFolder, 'tree'), to: '/workspace', writable: true },
    { from: snapshotFolder, to: '/snapshot', writable: true },
  ]);
  await runGit(snapshots, beginSnapshotsScript, [spec.baseCommit]);

  let at: string | null = spec.baseCommit;
  let checkNumber = 0;

  const ensureStored = async (commit: string) => {
    if (commit === spec.baseCommit || !(await missing(storeFolder, commit, store.alternates))) return;
    const bundle = await options.checkpoints.load(spec.runId, commit);
    if (!bundle) throw new Error(`checkpoint ${commit} of run ${spec.runId} is not in the database`);
    await importBundle(store, bundle);
  };

  return {
    sandbox: agent,
    outputsFolder,
    setupResult,
    get at() {
      return at;
    },
    markDirty: () => {
      at = null;
    },
    checkpoint: async () => {
      const { stdout } = await runGit(snapshots, checkpointScript, [spec.baseCommit]);
      const [commit = '', tree = ''] = stdout.trim().split(' ');
      const bundle = await readBundle(path.join(snapshotFolder, 'bundle'));
      await importBundle(store, bundle);
      await options.checkpoints.save(spec.runId, commit, bundle);
      at = commit;
      return { commit, tree };
    },
    restore: async (commit) => {
      await ensureStored(commit);
      await runGit(snapshots, restoreScript, [commit]);
      at = commit;
    },
    checkTree: async (commit, overlay) => {
      await ensureStored(commit);
      if (overlay) await ensureStored(overlay.commit);
      checkNumber += 1;
      const folder = path.join(root, 'checks', String(checkNumber));
      await copyTree(sandboxes, pristineFolder, folder);
      const sandbox = withTree(folder);
      await runGit(sandbox, checkOutScript, [commit, ...(overlay ? [overlay.commit, ...overlay.paths] : [])]);
      return {
        sandbox,
        dispose: async () => {
          await sandbox.dispose();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
    changes: async (commit) => {
      await ensureStored(commit);
      return readChanges(store, spec.baseCommit, commit);
    },
    leftOut: async (commit) => {
      await ensureStored(commit);
      return readLeftOut(store, commit);
    },
    addedLines: (commit, file) => readAddedLines(store, spec.baseCommit, commit, file),
    readBlob: (blob) => readBlob(store, blob),
    push: async (input) => {
      await ensureStored(input.checkpoint);
      const { token, name } = await options.grantGitAccess(spec.repository, 'write');
      const url = `${options.webUrl}/${spec.repository.owner}/${name}.git`;
      return pushCheckpoint(store, { url, webUrl: options.webUrl, token }, spec.baseCommit, input);
    },
    dispose: async () => {
      await agent.dispose();
      await snapshots.dispose();
      await rm(root, { recursive: true, force: true });
      closed();
    },
  };
}

/** Clones and installs, once per machine: a finished set-up has its result beside it. */
async function setUp(
  withTree: (folder: string) => Sandbox,
  uid: number | null,
  root: string,
  folder: string,
  spec: WorkspaceSpec,
  { allowed, notGranted }: Egress,
): Promise<SetupResult> {
  const record = path.join(root, 'set-up.json');
  if (existsSync(record)) return JSON.parse(await readFile(record, 'utf8')) as SetupResult;
  await rm(folder, { recursive: true, force: true });
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
  await runGit(sandbox, checkOutScript, [spec.baseCommit]);
  await sandbox.dispose();
  const ok = executions.every(({ exitCode }) => exitCode === 0);
  const result = { ok, network: allowed !== null, notGranted, executions };
  await writeFile(`${record}.new`, JSON.stringify(result));
  await rename(`${record}.new`, record);
  return result;
}

/** A copy with its owners, links and times; on file systems that can, without copying the data. */
async function copyTree(sandboxes: Sandboxes, from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
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

async function runGit(sandbox: Sandbox, script: string, args: string[]): Promise<Execution> {
  const execution = await sandbox.execute({ script, args, timeoutMs: gitTimeoutMs });
  if (execution.exitCode === 0) return execution;
  const because = execution.ended === 'exited' ? execution.output.trim().slice(-500) : execution.ended;
  if (isDiskFull(because)) throw new RunEnded(diskFull);
  if (/File too large|file size limit/i.test(because))
    throw new RunEnded({ kind: 'failed', because: `the repository's tree could not be handled: ${because}` });
  throw new Error(`git in the sandbox failed (${execution.exitCode ?? execution.ended}): ${because}`);
}

/** The one file that the host takes out of a sandbox: a plain file, no link, of bounded size. */
async function readBundle(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new Error('the checkpoint is not a plain file');
    if (facts.size > maxBundleBytes)
      throw new RunEnded({
        kind: 'failed',
        because: `the change is too large: ${Math.round(facts.size / 1048576)} MB packed, and ${maxBundleBytes / 1048576} MB is the limit; are build outputs missing in .gitignore?`,
      });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Takes a bundle's objects over, each checked (fsck): not `git bundle unbundle`, which checks none. */
async function importBundle(store: { gitDir: string; alternates: string[] }, bundle: Buffer): Promise<void> {
  const header = bundle.indexOf('\n\n');
  if (!bundle.subarray(0, 20).toString('latin1').startsWith('# v') || header < 0)
    throw new Error('the checkpoint is not a git bundle');
  await hostGit({ ...store, input: bundle.subarray(header + 2) }).raw(
    'index-pack',
    '--strict',
    '--fix-thin',
    '--stdin',
  );
}

async function missing(gitDir: string, commit: string, alternates: string[] = []): Promise<boolean> {
  const answer = await hostGit({ gitDir, alternates, input: `${commit}\n` }).raw('cat-file', '--batch-check');
  return answer.trim().endsWith('missing');
}
