import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type LocalGitHub, startLocalGitHub } from '../local-github/local-github.js';
import { createServiceProvider } from '../src/services/services.js';
import { emptyProvision, mergeProvisions } from '../src/workspace/provision.js';
import type { Workspace } from '../src/workspace/workspace.js';
import { openTestWorkspaces } from '../test/support/open-test-workspaces.js';

/** Times of the round with the median ratio, in seconds. A busy machine slows both times of a round. */
export interface CopyMeasurement {
  readySeconds: number;
  /** Time of one plain copy of the same tree. */
  copySeconds: number;
}

export interface CopiesMeasurement {
  /** A workspace with the agent's tree and three scratch copies, each of which has run a command. */
  large: CopyMeasurement;
  /** A scratch copy in which a command has run beside its Postgres. */
  data: CopyMeasurement;
}

interface Project {
  folder: string;
  /** Folders that `open` makes anew. */
  removed: readonly string[];
  /** Opens the workspace as a new process does. The first call also does the set-up. */
  open(): Promise<{ workspace: Workspace; base: string }>;
}

const run = promisify(execFile);
const rounds = 3;
const scratchCopies = 3;
const timeoutMs = 120_000;
const gigabyte = 1024 ** 3;

/** Writes 520 MB, as an installation does: 200 packages of 100 files. */
const install = `
head -c 2600000 /dev/zero | tr '\\0' x > all
for package in $(seq 200); do
  mkdir -p node_modules/package-$package/lib
  split -a 3 -b 26000 all node_modules/package-$package/lib/file-
done
rm all
`;

/**
 * Measures how long copies of a tree take, compared with a plain copy.
 * @param folder a folder that other users can enter
 */
export async function measureCopies(folder: string): Promise<CopiesMeasurement> {
  const github = await startLocalGitHub({ folder: path.join(folder, 'copies-github') });
  try {
    const large = await openProject(github, path.join(folder, 'large'), false);
    await fill(large);
    const data = await openProject(github, path.join(folder, 'data'), true);
    return {
      large: await compare(large, async () => {
        const { workspace, base } = await large.open();
        for (let count = 0; count < scratchCopies; count++) await use(workspace, base);
      }),
      data: await measureData(data),
    };
  } finally {
    await github.stop();
  }
}

/** Adds packages to the result of the set-up. They belong to the user of the sandboxes. */
async function fill({ folder }: Project): Promise<void> {
  const tree = path.join(folder, 'set-up', 'tree');
  await run('/bin/sh', ['-ec', install], { cwd: tree });
  const { uid, gid } = await stat(tree);
  await run('chown', ['-R', `${uid}:${gid}`, path.join(tree, 'node_modules')]);
}

async function measureData(project: Project): Promise<CopyMeasurement> {
  const { workspace, base } = await project.open();
  return compare(project, () => use(workspace, base));
}

/** Opens a scratch copy and runs a command in it. */
async function use(workspace: Workspace, base: string): Promise<void> {
  const { sandbox } = await workspace.openScratchCopy(base);
  const { exitCode, output } = await sandbox.execute({ script: 'true', services: true, timeoutMs });
  if (exitCode !== 0) throw new Error(`bench: a command in a copy failed: ${output}`);
}

async function openProject(github: LocalGitHub, folder: string, hasPostgres: boolean): Promise<Project> {
  await mkdir(folder);
  await chmod(folder, 0o711);
  const limits = { diskBytes: 4 * gigabyte, memoryBytes: 4 * gigabyte };
  const machine = await openTestWorkspaces(folder, github, limits, null, async (sandboxes) => {
    const inspect = async (script: string) =>
      (await sandboxes.open([]).execute({ script, cwd: '/', timeoutMs })).stdout;
    const programs = path.join(folder, 'programs');
    const provide = createServiceProvider({ folder: programs, fetchPackage: null, inspect });
    const asked = { name: 'postgres', kind: 'postgres', image: 'postgres:18', version: '18' } as const;
    const variables = { POSTGRES_PASSWORD: 'postgres' };
    const service = { ...asked, hosts: ['db'], ports: [5432], variables, arguments: [], source: 'ci.yml' };
    return hasPostgres ? mergeProvisions(emptyProvision, await provide([service], false)) : emptyProvision;
  });
  const files = { 'package.json': '{}', '.gitignore': 'node_modules' };
  const open = () => {
    machine.restart();
    return machine.open(`acme/${path.basename(folder)}`, files, ['true'], 'run');
  };
  const { workspace } = await open();
  const { ok, missing, executions } = workspace.setupResult;
  if (!ok || missing.length > 0)
    throw new Error(`bench: no set-up: ${missing.join(' ')} ${executions.map(({ output }) => output)}`);
  return {
    folder: path.join(folder, 'runs', 'run'),
    removed: hasPostgres ? [] : ['agent', 'snapshot'],
    open,
  };
}

async function compare(project: Project, body: () => Promise<void>): Promise<CopyMeasurement> {
  const measured: CopyMeasurement[] = [];
  for (let round = 0; round < rounds; round++) {
    const copy = path.join(project.folder, 'plain-copy');
    // Commands in a sandbox have the same nice value.
    const words = ['-n', '10', 'cp', '-a', path.join(project.folder, 'set-up'), copy];
    const copySeconds = await time(() => run('nice', words));
    // A new run has no old copies that are removed first.
    for (const one of ['plain-copy', 'scratch', ...project.removed])
      await rm(path.join(project.folder, one), { recursive: true, force: true });
    measured.push({ copySeconds, readySeconds: await time(body) });
  }
  const ratio = ({ readySeconds, copySeconds }: CopyMeasurement) => readySeconds / copySeconds;
  const [, middle] = measured.sort((one, other) => ratio(one) - ratio(other));
  return middle as CopyMeasurement;
}

/** Measures from a moment at which nothing waits to be written to the disk. */
async function time(body: () => Promise<unknown>): Promise<number> {
  await run('sync', []);
  const start = performance.now();
  await body();
  return (performance.now() - start) / 1000;
}
