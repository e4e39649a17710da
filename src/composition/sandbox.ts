import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, ConfigError } from '../config/read-config.js';
import type { Log } from '../log.js';
import { createSandboxes } from '../sandbox/create-sandboxes.js';
import { findRegistries, type Registries } from '../sandbox/egress/registries.js';
import { findNamespaceWrapper } from '../sandbox/process/namespace-wrapper.js';
import type { Sandboxes, SandboxLimits } from '../sandbox/sandbox.js';
import { testSandbox } from '../sandbox/self-test.js';

const megabyte = 1024 * 1024;
const gigabyte = 1024 * megabyte;

/**
 * Creates the sandboxes and tests that they isolate.
 * @throws SandboxUnavailable: without a sandbox nothing is served
 */
export async function composeSandboxes(
  config: Config,
  registries: Registries | null,
  log: Log,
): Promise<Sandboxes> {
  const { sandbox, home } = config;
  await mkdir(home, { recursive: true });
  // As root, the sandbox and the embedded Postgres run as other users, who have to pass. The folders inside are closed.
  await chmod(home, 0o711);
  const folder = path.join(home, 'sandbox');
  const { sandboxes, bounds } = await createSandboxes({
    ...sandbox,
    folder,
    limits: limitsOf(sandbox),
    wrapper: await findNamespaceWrapper([home, ...sandbox.toolPaths, path.dirname(process.execPath)]),
    packages: registries ?? { environment: {}, files: [] },
    egressProgram: fileURLToPath(new URL('../sandbox/egress/egress-program.js', import.meta.url)),
  });
  const { claims, durationMs } = await testSandbox(sandboxes, folder);
  log.info({ sandbox: sandbox.backend, bounds, claims, durationMs }, 'sandbox tested');
  if (sandboxes.warning) log.warn({ sandbox: sandbox.backend }, sandboxes.warning);
  return sandboxes;
}

/** The package registries that this machine is configured for. @throws ConfigError */
export async function readRegistries({ egress }: Config): Promise<Registries | null> {
  if (egress.mode === 'none') return null;
  return findRegistries().catch((error: Error) => {
    throw new ConfigError([
      `EGRESS: expected a machine whose package registries can be read; ${error.message}`,
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
