/*
 * The entry point of the sandbox module. Other modules of Pullwright import only this file. The sandbox
 * module imports none of the other modules.
 *
 *   const sandboxes = await createSandboxes({ backend: 'bubblewrap', folder, limits, mountRoots, ... });
 *   await testSandbox(sandboxes, folder); // both throw SandboxUnavailableError
 *
 *   const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
 *   const command = { script: 'npm test -- "$1"', args: ['cart.test.ts'], timeoutMs: 60_000 };
 *   const { ended, exitCode, output } = await sandbox.execute(command); // may throw SandboxBusyError
 *   await sandbox.dispose();
 *
 * A command sees its mounts, /usr and an empty /tmp. It has no credential, and no network unless it gets
 * `egress`. When it ends, all processes that it started are killed. A command that exceeds a limit is killed,
 * and `ended` names the limit.
 *
 * The backend `none` isolates nothing. It sets `Sandboxes.warning`, which MUST be shown to people.
 */

// Types and errors of sandboxes and commands. Durations are in milliseconds, sizes in bytes.

export { SandboxBusyError, SandboxUnavailableError } from './sandbox-errors.js';
export type {
  Command,
  Execution,
  Layers,
  Mount,
  Sandbox,
  Sandboxes,
  SandboxLimits,
} from './sandbox-types.js';

// Functions for the start of the process: prepare the operator's backend, and check that it isolates
// commands.

export {
  backendNames,
  createSandboxes,
  type SandboxesOptions,
} from './create-sandboxes.js';
export { testLayers } from './test-layers.js';
export { testSandbox } from './test-sandbox.js';

// Network access: the package registries of this machine, and the hosts that setup commands can reach.

export type { AllowedHost } from './egress/allowed-host.js';
export { chooseEgress, type Egress, type EgressRules, egressRules } from './egress/choose-egress.js';
export { isPublicAddress } from './egress/public-address.js';
export { createPublicLookup } from './egress/public-lookup.js';
export { findRegistries, type Registries } from './egress/registries.js';

// Functions that abort all commands, and functions for folders that are mounted into sandboxes.

export { type AbortableSandboxes, makeAbortable } from './abortable-sandboxes.js';
export { renderHosts } from './backends/sandbox-files.js';
export { makeLayers } from './process/layers.js';
export { removeFolder } from './process/remove-folder.js';
export { makeSandboxFolder } from './process/sandbox-user.js';

// This function is exported for the embedded Postgres. If Pullwright runs as root, Postgres runs as another
// user, and needs access to folders that are closed to that user.

export { findNamespaceWrapper } from './process/namespace-wrapper.js';
