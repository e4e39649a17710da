import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Gets packages from the registry that this machine is configured for. */
export interface NpmClient {
  /**
   * Lists the versions of a package in any order.
   * @throws Error when the registry cannot be reached or does not have the package
   */
  listVersions(name: string): Promise<string[]>;
  /**
   * Installs a package into `node_modules` of a folder that exists. No program of the package runs.
   * @throws Error
   */
  install(name: string, version: string, folder: string): Promise<void>;
}

const run = promisify(execFile);
const listTimeoutMs = 60_000;
const installTimeoutMs = 600_000;
const maxBuffer = 64 * 1024 * 1024;

/**
 * Uses the npm of this machine with the machine's own configuration, because that knows the certificates, the
 * proxy and the credentials. npm verifies the integrity of what it downloads.
 * @param folder a folder without a package.json in or above it, in which npm runs
 */
export function createNpmClient(folder: string): NpmClient {
  return {
    listVersions: async (name) => {
      await mkdir(folder, { recursive: true });
      const args = ['view', name, 'versions', '--json', '--prefer-online'];
      const { stdout } = await run('npm', args, { cwd: folder, timeout: listTimeoutMs, maxBuffer });
      return [JSON.parse(stdout) as string | string[]].flat();
    },
    install: async (name, version, target) => {
      await writeFile(path.join(target, 'package.json'), '{"private":true}\n');
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--no-save'];
      const args = ['install', '--prefix', target, ...options, '--', `${name}@${version}`];
      await run('npm', args, { cwd: target, timeout: installTimeoutMs, maxBuffer });
    },
  };
}
