import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Config, ConfigError } from '../config/read-config.js';
import type { Log } from '../log.js';
import {
  createSandboxes,
  findRegistries,
  type Registries,
  type Sandboxes,
  type SandboxLimits,
  testLayers,
  testSandbox,
} from '../sandbox/sandbox.js';
import { retryWhenBusy } from './retry-when-busy.js';

const megabyte = 1024 * 1024;
const gigabyte = 1024 * megabyte;

/**
 * Creates the object that opens sandboxes, and tests whether its sandboxes isolate commands.
 * @throws SandboxUnavailableError if they do not isolate commands; the process then does not start
 */
export async function composeSandboxes(
  config: Config,
  registries: Registries | null,
  log: Log,
): Promise<Sandboxes> {
  const { sandbox, home } = config;
  await mkdir(home, { recursive: true });
  // If this process is root, the sandbox and the embedded Postgres run as other users. Those users need
  // permission to traverse `home`, because their folders are inside it. The folders inside have stricter
  // permissions.
  await chmod(home, 0o711);
  const folder = path.join(home, 'sandbox');
  const sandboxes = await createSandboxes({
    ...sandbox,
    folder,
    mountRoots: [home],
    limits: limitsOf(sandbox),
    packages: registries ?? { environment: {}, files: [] },
  });
  const { claims, durationMs } = await testSandbox(sandboxes, folder);
  const layersFault = await testLayers(sandboxes, folder);
  const copies = layersFault === null ? 'overlays' : `plain copies, because ${layersFault}`;
  const { limitsEnforcedBy, warning } = sandboxes;
  log.info({ sandbox: sandbox.backend, limitsEnforcedBy, claims, durationMs, copies }, 'sandbox tested');
  if (warning) log.warn({ sandbox: sandbox.backend }, warning);
  return retryWhenBusy({ ...sandboxes, layersFault });
}

/**
 * Finds the package registries that this machine is configured to use.
 * @returns null if the operator allows no network access
 * @throws ConfigError if the configuration of the registries cannot be read
 */
export async function readRegistries({ egress }: Config): Promise<Registries | null> {
  if (egress.mode === 'none') return null;
  return findRegistries().catch((error: Error) => {
    throw new ConfigError([
      `EGRESS: expected package registries in the configuration of this machine; ${error.message}`,
    ]);
  });
}

function limitsOf(sandbox: Config['sandbox']): SandboxLimits {
  return {
    memoryBytes: sandbox.memoryMb * megabyte,
    processes: sandbox.processes,
    fileBytes: Math.min(2 * gigabyte, sandbox.diskMb * megabyte),
    tmpBytes: gigabyte,
    diskBytes: sandbox.diskMb * megabyte,
    diskFiles: sandbox.files,
    outputBytes: sandbox.outputMb * megabyte,
    timeMs: sandbox.commandMinutes * 60_000,
  };
}
