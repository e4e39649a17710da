import type { Registries } from '../egress/registries.js';
import type { NamespaceWrapper } from '../process/namespace-wrapper.js';
import type { Sandboxes, SandboxLimits } from '../sandbox-types.js';

/** Settings that backends are built from. Each backend takes those that concern it. */
export interface BackendOptions {
  /** Folder for the files and sockets of this module. It is created when it is missing. */
  folder: string;
  limits: SandboxLimits;
  /** How the sandbox's user reaches the mounted folders. */
  wrapper: NamespaceWrapper;
  /** Folders with toolchains outside of /usr. They are shown read-only at the same path. */
  toolPaths: readonly string[];
  /** How package managers learn about registries and certificates. Only commands with egress are told. */
  packages: Pick<Registries, 'environment' | 'files'>;
  /** The compiled egress-program.ts. */
  egressProgram: string;
  /** Container image with bash, coreutils, git and the repositories' toolchains; null when none is set. */
  image: string | null;
  /** Container engine; null: the first one that responds. */
  engine: 'docker' | 'podman' | null;
  /** Environment variables that tell the engine's client how to connect to its engine. */
  engineEnvironment: Record<string, string>;
}

/** @throws Error that names what this machine lacks */
export type CreateBackend = (options: BackendOptions) => Promise<Sandboxes>;
