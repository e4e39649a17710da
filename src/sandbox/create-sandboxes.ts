import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendOptions, CreateBackend } from './backends/backend-options.js';
import { createBubblewrap } from './backends/bubblewrap.js';
import { createContainers } from './backends/container.js';
import { createNoSandbox } from './backends/no-sandbox.js';
import { socketFolder } from './backends/sandbox-files.js';
import { findNamespaceWrapper } from './process/namespace-wrapper.js';
import { SandboxUnavailableError } from './sandbox-errors.js';
import type { Sandboxes } from './sandbox-types.js';

/** All backends. A new backend needs an entry here and a file in backends/. */
const backends = {
  bubblewrap: createBubblewrap,
  container: createContainers,
  none: createNoSandbox,
} satisfies Record<string, CreateBackend>;

export type BackendName = keyof typeof backends;

/** Valid values of the setting SANDBOX. */
export const backendNames = Object.keys(backends) as BackendName[];

export interface SandboxesOptions extends Omit<BackendOptions, 'wrapper' | 'egressProgram'> {
  backend: BackendName;
  /** Host folders. Every file or folder that is mounted into a sandbox MUST be inside one of them. */
  mountRoots: readonly string[];
  /** Path of the compiled egress-program.ts. Default: the one next to this module. */
  egressProgram?: string;
}

/** The most bytes that Linux accepts in the path of a Unix socket. */
const maxSocketPath = 107;

/**
 * Creates the backend that the operator chose. There is no fallback, because another backend might isolate
 * commands less.
 * @throws SandboxUnavailableError when this machine cannot run the backend
 */
export async function createSandboxes({
  backend,
  mountRoots,
  egressProgram = fileURLToPath(new URL('./egress/egress-program.js', import.meta.url)),
  ...options
}: SandboxesOptions): Promise<Sandboxes> {
  const length = Buffer.byteLength(path.join(socketFolder(options.folder), '0123456789ab.sock'));
  if (length > maxSocketPath)
    throw new SandboxUnavailableError(
      `the path ${options.folder} is ${length - maxSocketPath} bytes too long for the sockets of the network proxy; choose a shorter PULLWRIGHT_HOME`,
    );
  try {
    const node = path.dirname(process.execPath);
    const wrapper = await findNamespaceWrapper([...mountRoots, ...options.toolPaths, node]);
    return await backends[backend]({ ...options, wrapper, egressProgram });
  } catch (error) {
    throw new SandboxUnavailableError(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
