import type { Mount } from '../sandbox/sandbox.js';

/** What this machine adds to the sandboxes of one run, so that the repository's commands work. */
export interface Provision {
  /** Programs of this machine, such as a version of Node. They are read-only. */
  mounts: Mount[];
  /** Folders in the sandbox that come first on PATH. */
  path: string[];
  /** Environment variables for every command of the repository. */
  variables: Record<string, string>;
  /** Null if the repository needs no service. */
  services: ServiceRunner | null;
  /** What was provided, one sentence each, such as `Node 22.11.0 from the npm registry.` */
  provided: string[];
  /** What could not be provided and what the operator can do, one sentence each. */
  missing: string[];
}

/** Runs services, such as a database, beside a command in its sandbox. */
export interface ServiceRunner {
  /** Names that resolve to the sandbox's own address, besides `localhost`. */
  hosts: string[];
  /**
   * Returns a bash script that starts the services, waits until they accept connections, runs `script` with
   * the same arguments, and stops the services. The exit code and the output are those of `script`. The data
   * of the services is in /services, which the sandbox can write to.
   */
  wrap(script: string): string;
}

export const emptyProvision: Provision = {
  mounts: [],
  path: [],
  variables: {},
  services: null,
  provided: [],
  missing: [],
};
