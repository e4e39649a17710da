import path from 'node:path';
import { openBubblewrap } from '../../src/sandbox/backends/bubblewrap.js';
import {
  findNamespaceWrapper,
  type Registries,
  type Sandboxes,
  type SandboxLimits,
} from '../../src/sandbox/sandbox.js';

const megabyte = 1024 * 1024;
/** The compiled program: it runs in a process of its own, without the loader of the tests. */
export const egressProgram = path.resolve('dist/sandbox/egress/egress-program.js');

/** Opens real sandboxes with small limits. */
export async function openTestSandboxes(
  folder: string,
  processes = 128,
  toolPaths: string[] = [],
  limits: Partial<SandboxLimits> = {},
  packages: Pick<Registries, 'environment' | 'files'> = { environment: {}, files: [] },
): Promise<Sandboxes> {
  const options = {
    folder: path.join(folder, 'sandbox'),
    limits: {
      memoryBytes: 1024 * megabyte,
      processes,
      fileBytes: 64 * megabyte,
      tmpBytes: 64 * megabyte,
      diskBytes: 1024 * megabyte,
      diskFiles: 200_000,
      outputBytes: 32 * megabyte,
      timeMs: 600_000,
      ...limits,
    },
    wrapper: await findNamespaceWrapper([folder, ...toolPaths]),
    toolPaths,
    packages,
    egressProgram,
  };
  return openBubblewrap(options, null);
}
