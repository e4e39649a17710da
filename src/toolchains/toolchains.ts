import path from 'node:path';
import type { Toolchain } from '../environment/environment.js';
import type { Sandboxes } from '../sandbox/sandbox.js';
import { askMachine } from './ask-machine.js';
import { openMachineStore } from './fetch-package.js';
import type { ProgramStore } from './program-store.js';
import { provideNode } from './provide-node.js';
import { provideOther } from './provide-other.js';
import { join, type Machine, type Provided } from './provided.js';

/*
 * The entry point of the module. It provides toolchains, such as a version of Node, in the versions that a
 * repository asks for. Downloads come only from the npm registry that this machine is configured for, and no
 * downloaded program runs outside of a sandbox.
 */

export { openMachineStore } from './fetch-package.js';

export interface ToolchainOptions {
  /** Folder for downloaded programs below `PULLWRIGHT_HOME`. It is created if it does not exist. */
  folder: string;
  sandboxes: Pick<Sandboxes, 'open'>;
  /** Whether commands run in an image, so that programs of this machine cannot be added. */
  hasImage: boolean;
  /** Default: a store in `folder`. */
  store?: ProgramStore;
  /** The processor, as Node names it. Default: that of this machine. */
  arch?: string;
  /** Default: the current time. */
  now?: () => Date;
}

/**
 * Provides toolchains for one repository. What cannot be provided is named in `missing`, and is no error.
 * @param allowDownload whether programs may come from the npm registry. Without it, only programs that this
 * machine has are used.
 * @throws Error when the sandbox does not work
 */
export type ProvideToolchains = (
  toolchains: readonly Toolchain[],
  allowDownload: boolean,
) => Promise<Provided>;

export function createToolchainProvider(options: ToolchainOptions): ProvideToolchains {
  const { folder, sandboxes, hasImage, arch = process.arch, now = () => new Date() } = options;
  const store = options.store ?? openMachineStore(folder);
  return async (toolchains, allowDownload) => {
    // If several files ask for the same toolchain, the first one counts.
    const asked = new Map([...toolchains].reverse().map((one) => [one.name, one]));
    const sandbox = sandboxes.open([]);
    const installed = await askMachine(sandbox, [...asked.keys()]).finally(() => sandbox.dispose());
    const machine: Machine = {
      installed,
      store,
      linkFolder: path.join(folder, 'links'),
      allowDownload,
      remedy: hasImage
        ? 'Add it to the image of the sandboxes (SANDBOX_IMAGE).'
        : 'Install it, or add its folder to SANDBOX_TOOL_PATHS.',
      arch,
      now: now(),
    };
    const others = [...asked.values()].filter(({ name }) => name !== 'node').reverse();
    return join([
      await provideNode(asked.get('node') ?? null, machine),
      ...(await Promise.all(others.map((one) => provideOther(one, machine)))),
    ]);
  };
}
