/*
 * The entry point of the sandbox module. Other modules import only this file, and this module imports no
 * other.
 *
 *   const sandboxes = await createSandboxes({ backend: 'bubblewrap', folder, limits, mountRoots, ... });
 *   await testSandbox(sandboxes, folder); // both throw SandboxUnavailableError
 *
 *   const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
 *   const command = { script: 'npm test -- "$1"', args: ['cart.test.ts'], timeoutMs: 60_000 };
 *   const { ended, exitCode, output } = await sandbox.execute(command); // may throw SandboxBusyError
 *   await sandbox.dispose();
 *
 * A command sees its mounts, /usr, and an empty /tmp. It has no credential, and no network unless it is given
 * `egress`. It ends with all processes that it started. A command that exceeds a limit is killed, and `ended`
 * names the limit.
 *
 * The backend `none` isolates nothing. It sets `Sandboxes.warning`, which MUST reach people.
 */

// Sandboxes and commands. Durations are in milliseconds, sizes in bytes.

export { SandboxBusyError, SandboxUnavailableError } from './sandbox-errors.js';
export type {
  Command,
  Execution,
  Mount,
  Sandbox,
  Sandboxes,
  SandboxLimits,
} from './sandbox-types.js';

// At the start of the process: prepare the operator's backend, and check that it isolates commands.

export {
  backendNames,
  createSandboxes,
  type SandboxesOptions,
} from './create-sandboxes.js';
export { testSandbox } from './test-sandbox.js';

// Network access: the registries of this machine, and the hosts that a repository's set-up may reach.

export type { AllowedHost } from './egress/allowed-host.js';
export { chooseEgress, type Egress, type EgressRules } from './egress/choose-egress.js';
export { findRegistries, type Registries } from './egress/registries.js';

// Functions for folders that are mounted into sandboxes, and for aborting all commands in them.

export { type AbortableSandboxes, makeAbortable } from './abortable-sandboxes.js';
export { removeFolder } from './process/remove-folder.js';
export { makeSandboxFolder } from './process/sandbox-user.js';

// Other programs that run as another user: how they reach folders that are closed to that user.

export { findNamespaceWrapper } from './process/namespace-wrapper.js';
