import type { AllowedHost } from './egress/allowed-host.js';

/**
 * The place where all commands and file accesses of the agent happen. It contains no credential. It has no
 * network, unless a command gets `egress`.
 */
export interface Sandbox {
  /**
   * Runs a command and waits for its end. When the promise settles, no process of the command is left. A
   * command that fails, is killed or exceeds a limit is a result, not an error.
   * @throws SandboxBusyError when the machine has no room for another process; try again later
   * @throws Error when the command could not be started or ended
   */
  execute(command: Command): Promise<Execution>;
  /** Kills the running commands and waits for their end. It removes no folder. It may be called twice. */
  dispose(): Promise<void>;
}

export interface Command {
  /** Bash script. Pass variable parts in `args` (`$1`, `$2`, …) so that they need no quoting. */
  script: string;
  args?: string[];
  /** Path in the sandbox, absolute or relative to `/workspace`. Default: `/workspace`. */
  cwd?: string;
  stdin?: string;
  /** Additions to the sandbox's own environment. */
  env?: Record<string, string>;
  /** Milliseconds. `SandboxLimits.timeMs` applies when it is lower. */
  timeoutMs: number;
  /** Hosts that the command may reach, through the filtering proxy. Default: no network at all. */
  egress?: readonly AllowedHost[];
  /** Bytes. Default: 10 MiB. `SandboxLimits.outputBytes` applies when it is lower. */
  maxOutputBytes?: number;
  /** Aborting it kills the command; `ended` is `stopped` then. */
  signal?: AbortSignal;
}

/** How a command ended, and its output. */
export interface Execution {
  /** Null when the command was killed for a limit or aborted. 128 + n when it died of signal n. */
  exitCode: number | null;
  /** `exited`: it ended on its own. `stopped`: it was aborted. Else the limit that it was killed for. */
  ended: 'exited' | 'stopped' | LimitReached;
  stdout: string;
  stderr: string;
  /** stdout and stderr in order of arrival. */
  output: string;
  durationMs: number;
  /**
   * Hosts that the proxy refused, each once, at most 50: `host:port`, followed by the reason in parentheses
   * unless the host is simply not allowed. Empty without egress.
   */
  refusedHosts: string[];
}

/** The limit that a command was killed for. `not-measured`: its memory or disk use could not be measured. */
export type LimitReached =
  | 'timeout'
  | 'output-limit'
  | 'memory-limit'
  | 'process-limit'
  | 'disk-limit'
  | 'not-measured';

/** What a command may use. docs/configuration.md lists which backend enforces which limit. */
export interface SandboxLimits {
  /** Memory of all processes of a command together. */
  memoryBytes: number;
  /** Processes and threads of a command. */
  processes: number;
  /** Size of a single file. */
  fileBytes: number;
  /** Size of /tmp. */
  tmpBytes: number;
  /** Everything that one sandbox can write, except for /tmp. */
  diskBytes: number;
  /** Files and folders in the places that `diskBytes` covers. */
  diskFiles: number;
  /** stdout and stderr of a command together. */
  outputBytes: number;
  /** Duration of a command. */
  timeMs: number;
}

/** A folder or file of the host, and its path in the sandbox. */
export interface Mount {
  from: string;
  to: string;
  writable: boolean;
}

/** Opens sandboxes of one kind (one backend). */
export interface Sandboxes {
  /** Host user that owns the files written in a sandbox. Null: the user of this process. */
  uid: number | null;
  /** A notice for every pull request when this backend does not isolate commands; else null. */
  warning: string | null;
  /** What enforces the limits on memory and processes, for the log: `cgroup v2`, `podman, rootless`, … */
  limitsEnforcedBy: string;
  /** Opens a sandbox that shows these mounts and nothing else of the host. */
  open(mounts: readonly Mount[]): Sandbox;
}
