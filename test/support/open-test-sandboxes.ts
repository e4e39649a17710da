import path from 'node:path';
import { createBubblewrap } from '../../src/sandbox/backends/bubblewrap.js';
import { findNamespaceWrapper } from '../../src/sandbox/process/namespace-wrapper.js';
import type { Sandboxes, SandboxLimits } from '../../src/sandbox/sandbox.js';

const megabyte = 1024 * 1024;
/** From the build: a process of its own knows no other loader than Node's. */
export const egressProgram = path.resolve('dist/sandbox/egress/egress-program.js');

/** Real sandboxes with small limits. */
export async function openTestSandboxes(
  folder: string,
  processes = 128,
  toolPaths: string[] = [],
  limits: Partial<SandboxLimits> = {},
): Promise<Sandboxes> {
  return createBubblewrap({
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
    wrapper: await findNamespaceWrapper([folder]),
    toolPaths,
    cgroups: null,
    packages: { environment: {}, files: [] },
    egressProgram,
  });
}
