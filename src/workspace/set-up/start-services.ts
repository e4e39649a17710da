import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import {
  makeSandboxFolder,
  removeFolder,
  renderHosts,
  type Sandbox,
  type Sandboxes,
} from '../../sandbox/sandbox.js';
import type { Provision } from '../provision.js';
import type { RunFolders } from '../tree-sandboxes.js';
import { type StoredSetup, setupResultFile } from './set-up.js';

/** The first start initializes the data. On a busy machine, that can take minutes. */
const timeoutMs = 600_000;

/**
 * Starts the services of a run once, before anything else runs, and leaves out those that do not start. The
 * run goes on without them, because some of the tests may not need them. The folder `folders.services` then
 * has the initialized data. If this machine has done the run's set-up before, leaves out the same services
 * as then.
 * @returns the provision with the services that work
 */
export async function startServices(
  sandboxes: Sandboxes,
  folders: RunFolders,
  provision: Provision,
): Promise<Provision> {
  const { services } = provision;
  if (!services) return provision;
  await writeFile(folders.hosts, renderHosts(services.hosts));
  await chmod(folders.hosts, 0o644);
  const resultFile = setupResultFile(folders);
  if (existsSync(resultFile)) {
    const { services: started } = JSON.parse(await readFile(resultFile, 'utf8')) as StoredSetup;
    return keep(provision, started);
  }
  await removeFolder(folders.services);
  await makeSandboxFolder(folders.services, sandboxes.uid);
  const sandbox = sandboxes.open([
    { from: folders.services, to: '/services', writable: true },
    ...provision.mounts,
  ]);
  try {
    const failures = await findFailures(sandbox, services);
    const names = services.names.filter((name) => !failures.has(name));
    const kept = keep(provision, names);
    return { ...kept, missing: [...kept.missing, ...failures.values()] };
  } finally {
    await sandbox.dispose();
  }
}

function keep(provision: Provision, names: readonly string[]): Provision {
  const services = provision.services?.only(names) ?? null;
  return { ...provision, services, provided: [...provision.provided, ...(services?.provided ?? [])] };
}

/** @returns a sentence for each service that does not start */
async function findFailures(
  sandbox: Sandbox,
  services: NonNullable<Provision['services']>,
): Promise<Map<string, string>> {
  const { exitCode, ended, stderr } = await sandbox.execute({
    script: services.wrap('true'),
    cwd: '/',
    timeoutMs,
  });
  const failures = new Map<string, string>();
  if (exitCode === 0) return failures;
  for (const [, name = '', reason] of stderr.matchAll(/^services: (\S+) did not start: (.*)$/gm))
    failures.set(name, `The service ${name} did not start: ${reason?.trim()}`);
  if (failures.size > 0) return failures;
  const reason = ended === 'exited' ? stderr.trim().slice(-300) || `exit code ${exitCode}` : ended;
  for (const name of services.names) failures.set(name, `The service ${name} did not start: ${reason}`);
  return failures;
}
