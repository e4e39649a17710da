import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  findRegistries,
  makeSandboxFolder,
  type Registries,
  type Sandboxes,
} from '../src/sandbox/sandbox.js';
import { openMachineStore } from '../src/toolchains/toolchains.js';
import { openTestSandboxes } from '../test/support/open-test-sandboxes.js';

/** How long a package manager needs for the same installation, in seconds. */
export interface InstallMeasurement {
  manager: string;
  /** Median of the installations on the host, without the proxy. */
  directSeconds: number;
  /** Median of the installations in the sandbox, through the proxy. */
  proxiedSeconds: number;
}

const run = promisify(execFile);
const rounds = 3;
const timeoutMs = 900_000;

/** A service with the tools that people use. They bring more than 500 packages. */
const manifest = {
  name: 'app',
  version: '1.0.0',
  private: true,
  dependencies: { express: '4.21.2', fastify: '4.29.1', knex: '3.1.0', ioredis: '5.4.2' },
  devDependencies: { jest: '29.7.0', eslint: '8.57.1', webpack: '5.97.1', mocha: '10.8.2' },
};

interface Manager {
  name: string;
  /** The package that contains it, and its program in this package. */
  spec: string;
  program: string;
  lockfile: string;
  /** Arguments that only write the lockfile, and arguments that install from it. */
  lock: string;
  install: string;
  files?: Record<string, string>;
}

const pnpm = (major: number): Manager => ({
  name: `pnpm ${major}`,
  spec: `pnpm@${major}`,
  program: 'node_modules/pnpm/bin/pnpm.cjs',
  lockfile: 'pnpm-lock.yaml',
  lock: 'install --lockfile-only --ignore-scripts',
  // In the sandbox, the store and the project are different mounts, so pnpm copies files instead of linking.
  install: 'install --frozen-lockfile --ignore-scripts --package-import-method=copy',
});

const managers: readonly Manager[] = [
  {
    name: 'npm',
    spec: 'npm@11',
    program: 'node_modules/npm/bin/npm-cli.js',
    lockfile: 'package-lock.json',
    lock: 'install --package-lock-only --no-audit --no-fund',
    install: 'ci --ignore-scripts --no-audit --no-fund',
  },
  ...[8, 9, 10, 11].map(pnpm),
  {
    name: 'Yarn 1',
    spec: 'yarn@1',
    program: 'node_modules/yarn/bin/yarn.js',
    lockfile: 'yarn.lock',
    lock: 'install --ignore-scripts --no-progress',
    install: 'install --frozen-lockfile --ignore-scripts --no-progress',
  },
  {
    name: 'Yarn 4',
    spec: '@yarnpkg/cli-dist@4',
    program: 'node_modules/@yarnpkg/cli-dist/bin/yarn.js',
    lockfile: 'yarn.lock',
    lock: 'install --mode=update-lockfile',
    install: 'install --immutable --mode=skip-build',
    files: { '.yarnrc.yml': 'nodeLinker: node-modules\nenableTelemetry: false\n', 'yarn.lock': '' },
  },
];

/**
 * Measures installations with empty caches, alternately without and through the proxy, so that the state of
 * the network and of the machine affects both alike.
 * @param only names of the managers to measure; all if it is empty
 */
export async function measureInstalls(
  folder: string,
  print: (line: string) => void,
  only: readonly string[] = [],
): Promise<InstallMeasurement[]> {
  const registries = await findRegistries();
  // The newest pnpm needs a newer Node than Pullwright itself.
  const store = openMachineStore(path.join(folder, 'programs'));
  const node = await store.get(`node-linux-${process.arch}`, '24.x', { node: 'bin/node' });
  const limits = { timeMs: timeoutMs, fileBytes: 2e9, diskBytes: 8e9, tmpBytes: 1e9, memoryBytes: 4e9 };
  const sandboxes = await openTestSandboxes(folder, 2048, [], limits, registries);
  const results: InstallMeasurement[] = [];
  for (const manager of managers) {
    if (only.length > 0 && !only.includes(manager.name)) continue;
    const place = path.join(folder, 'installs');
    const context = { manager, place, node: node.root, registries, sandboxes };
    await prepare(context);
    const times = { direct: [] as number[], proxied: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      times.direct.push(await installDirectly(context));
      times.proxied.push(await installThroughProxy(context));
    }
    print(`${manager.name}: ${JSON.stringify(times)}`);
    const result = { directSeconds: median(times.direct), proxiedSeconds: median(times.proxied) };
    results.push({ manager: manager.name, ...result });
    await rm(place, { recursive: true, force: true });
  }
  return results;
}

interface Context {
  manager: Manager;
  /** The folder for the tools, the project and its copies. */
  place: string;
  node: string;
  registries: Registries;
  sandboxes: Sandboxes;
}

/** Installs the package manager and lets it write the lockfile. */
async function prepare(context: Context): Promise<void> {
  const { manager, place } = context;
  const [tool, project] = [path.join(place, 'tool'), path.join(place, 'project')];
  for (const one of [tool, project]) await mkdir(one, { recursive: true });
  for (const one of [place, tool, project]) await chmod(one, 0o755);
  await writeFile(path.join(tool, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', manager.spec], { cwd: tool });
  const files = { 'package.json': JSON.stringify(manifest), ...manager.files };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(project, name), content);
  await runOnHost(context, project, manager.lock);
  // Yarn 1 writes its own name of the registry, and setup replaces that name.
  const lockfile = path.join(project, manager.lockfile);
  const text = await readFile(lockfile, 'utf8');
  const registry = context.registries.environment.npm_config_registry ?? '';
  await writeFile(lockfile, text.replaceAll('https://registry.yarnpkg.com/', registry));
}

async function installDirectly(context: Context): Promise<number> {
  const copy = path.join(context.place, 'direct');
  await copyProject(context, copy);
  return runOnHost(context, copy, context.manager.install);
}

async function runOnHost({ manager, place, node, registries }: Context, cwd: string, args: string) {
  const home = path.join(place, 'home');
  await rm(home, { recursive: true, force: true });
  await mkdir(home);
  const env = { ...registries.environment, HOME: home, PATH: `${node}/bin:/usr/bin:/bin`, CI: '1' };
  const startedAt = performance.now();
  const program = path.join(place, 'tool', manager.program);
  // Commands in the sandbox have this priority, too.
  await run('nice', ['-n', '10', `${node}/bin/node`, program, ...args.split(' ')], {
    cwd,
    env: { ...env, ...(manager.lock === args && { CI: '' }) },
    timeout: timeoutMs,
    maxBuffer: 1e9,
  });
  return (performance.now() - startedAt) / 1000;
}

async function installThroughProxy(context: Context): Promise<number> {
  const { manager, place, node, registries, sandboxes } = context;
  const [tree, home] = [path.join(place, 'tree'), path.join(place, 'sandbox-home')];
  await copyProject(context, tree);
  await rm(home, { recursive: true, force: true });
  for (const one of [tree, home]) await makeSandboxFolder(one, sandboxes.uid);
  if (sandboxes.uid !== null) await run('chown', ['-R', `${sandboxes.uid}:${sandboxes.uid}`, tree]);
  const sandbox = sandboxes.open([
    { from: tree, to: '/workspace', writable: true },
    { from: home, to: '/home/agent', writable: true },
    { from: path.join(place, 'tool'), to: '/opt/tool', writable: false },
    { from: node, to: '/opt/node', writable: false },
  ]);
  const startedAt = performance.now();
  const { exitCode, output } = await sandbox.execute({
    script: `PATH=/opt/node/bin:$PATH node /opt/tool/${manager.program} ${manager.install}`,
    egress: registries.hosts,
    timeoutMs,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  await sandbox.dispose();
  if (exitCode !== 0)
    throw new Error(`${manager.name} ended with exit code ${exitCode}: ${output.slice(-2000)}`);
  return seconds;
}

/** Copies only what a repository contains. */
async function copyProject({ manager, place }: Context, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to);
  for (const name of new Set(['package.json', manager.lockfile, ...Object.keys(manager.files ?? {})]))
    await cp(path.join(place, 'project', name), path.join(to, name));
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
