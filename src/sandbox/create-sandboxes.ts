import { type BubblewrapOptions, createBubblewrap } from './backends/bubblewrap.js';
import { createContainers } from './backends/container.js';
import type { Engine } from './backends/container-arguments.js';
import { findEngine } from './backends/container-engine.js';
import { createNoSandbox } from './backends/no-sandbox.js';
import { openCgroups } from './limits/cgroups.js';
import type { Sandboxes } from './sandbox.js';
import { SandboxUnavailable } from './self-test.js';

interface SandboxesOptions extends Omit<BubblewrapOptions, 'cgroups'> {
  backend: 'bubblewrap' | 'container' | 'none';
  image: string | null;
  engine: Engine['program'] | null;
  engineEnvironment: Record<string, string>;
}

interface Opened {
  sandboxes: Sandboxes;
  /** For the log: who keeps the limits. */
  bounds: string;
}

/**
 * The backend that the operator chose, never another one.
 * @throws SandboxUnavailable
 */
export async function createSandboxes(options: SandboxesOptions): Promise<Opened> {
  try {
    return await open(options);
  } catch (error) {
    throw new SandboxUnavailable(error instanceof Error ? error.message : String(error));
  }
}

async function open(options: SandboxesOptions): Promise<Opened> {
  const { backend, limits } = options;
  if (backend === 'container') {
    const engine = await findEngine(options.engine, options.engineEnvironment);
    const { image, engineEnvironment: environment } = options;
    if (image === null) throw new Error('SANDBOX_IMAGE: expected the image of containers; it is not set');
    const bounds = `by ${engine.program}${engine.rootless ? ', rootless' : ''}`;
    return { sandboxes: await createContainers({ ...options, engine, image, environment }), bounds };
  }
  if (backend === 'none')
    return { sandboxes: await createNoSandbox(options), bounds: 'by rlimits, and by looking' };
  const cgroups = await openCgroups(limits);
  const missing = 'missing' in cgroups;
  return {
    sandboxes: await createBubblewrap({ ...options, cgroups: missing ? null : cgroups }),
    bounds: missing ? `by rlimits, and by looking: ${cgroups.missing}` : 'by cgroup v2',
  };
}
