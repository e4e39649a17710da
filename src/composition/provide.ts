import path from 'node:path';
import type { Config } from '../config/read-config.js';
import type { Environment } from '../environment/environment.js';
import type { Egress, Sandboxes } from '../sandbox/sandbox.js';
import { createServiceProvider } from '../services/services.js';
import {
  createToolchainProvider,
  openMachineStore,
  type ProvideToolchains,
} from '../toolchains/toolchains.js';
import { mergeProvisions, type Provision } from '../workspace/provision.js';

/** Provides what a repository needs, as far as this machine can. */
export type Provide = (environment: Environment, egress: Egress) => Promise<Provision>;

const inspectTimeoutMs = 60_000;

/**
 * Creates the function that provides services, toolchains and variables for repositories. Downloaded programs
 * are in the folder `programs` of `config.home`.
 * @param options.provideToolchains default: what this machine and the npm registry have
 */
export function composeProvide(options: {
  config: Pick<Config, 'home'> & { sandbox: Pick<Config['sandbox'], 'backend'> };
  sandboxes: Sandboxes;
  provideToolchains?: ProvideToolchains;
}): Provide {
  const { config, sandboxes } = options;
  const folder = path.join(config.home, 'programs');
  const store = openMachineStore(folder);
  const hasImage = config.sandbox.backend === 'container';
  const { provideToolchains = createToolchainProvider({ folder, sandboxes, hasImage, store }) } = options;
  const provideServices = createServiceProvider({
    folder,
    fetchPackage: store.get,
    inspect: config.sandbox.backend === 'none' ? null : (script) => inspect(sandboxes, script),
  });
  return async ({ toolchains, services, variables }, { allowed }) => {
    const allowDownload = allowed !== null;
    return mergeProvisions(
      { variables },
      await provideToolchains(toolchains, allowDownload),
      await provideServices(services, allowDownload),
    );
  };
}

/** Runs a script in a sandbox that has nothing but the programs of the machine or the image. */
async function inspect(sandboxes: Sandboxes, script: string): Promise<string> {
  const sandbox = sandboxes.open([]);
  try {
    const { exitCode, ended, stdout, output } = await sandbox.execute({
      script,
      cwd: '/',
      timeoutMs: inspectTimeoutMs,
    });
    if (exitCode === 0) return stdout;
    throw new Error(
      `the programs of the sandbox could not be listed (${exitCode ?? ended}): ${output.slice(-300)}`,
    );
  } finally {
    await sandbox.dispose();
  }
}
