import type { Registries } from '../egress/registries.js';
import type { NamespaceWrapper } from '../process/namespace-wrapper.js';
import type { Sandboxes, SandboxLimits } from '../sandbox-types.js';

/** Settings for all backends. Each backend uses only some of them. */
export interface BackendOptions {
  /** Folder for the files and sockets of the sandbox module. It is created if it does not exist. */
  folder: string;
  limits: SandboxLimits;
  /** Makes the mounted folders accessible to the user that the commands run as. */
  wrapper: NamespaceWrapper;
  /**
   * Host folders outside of /usr that contain toolchains. Sandboxes mount them read-only at the same paths.
   */
  toolPaths: readonly string[];
  /** Registry and certificate settings for package managers. Only commands with `egress` get them. */
  packages: Pick<Registries, 'environment' | 'files'>;
  /** Path of the compiled egress-program.ts. */
  egressProgram: string;
  /**
   * Container image with bash, coreutils, git and the toolchains of the repositories. Null when none is set.
   */
  image: string | null;
  /** Container engine. If null, the first engine that responds is used. */
  engine: 'docker' | 'podman' | null;
  /** Environment variables that the command-line client of the engine needs to connect to the engine. */
  engineEnvironment: Record<string, string>;
}

/** @throws Error that names what this machine lacks */
export type CreateBackend = (options: BackendOptions) => Promise<Sandboxes>;
