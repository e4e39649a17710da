import type { AllowedHost } from './egress/allowed-host.js';

/**
 * Environment for all commands and file accesses of the agent. It contains no credential. A command has no
 * network access unless `Command.egress` names hosts.
 */
export interface Sandbox {
  /**
   * Runs a command and waits until all of its processes have ended. A command that fails, is killed or
   * exceeds a limit is a result, not an error.
   * @throws SandboxBusyError when the machine has no room for another process; try again later
   * @throws Error when the command could not be started, or could not be killed
   */
  execute(command: Command): Promise<Execution>;
  /** Kills the running commands and waits for their end. It removes no folder. A second call is harmless. */
  dispose(): Promise<void>;
}

export interface Command {
  /** Bash script. Pass variable parts in `args` (`$1`, `$2`, …), because arguments need no escaping. */
  script: string;
  args?: string[];
  /** Working directory in the sandbox, absolute or relative to `/workspace`. Default: `/workspace`. */
  cwd?: string;
  stdin?: string;
  /** Connects a command, such as a server, that reads and writes lines while it runs. Replaces `stdin`. */
  dialogue?: Dialogue;
  /** Environment variables that are added to those of the sandbox. */
  env?: Record<string, string>;
  /** Folders in the sandbox that come first on PATH, after the folder of the home folder. Default: none. */
  path?: readonly string[];
  /** Whether the command needs the services of the repository, such as a database. Default: false. */
  services?: boolean;
  /** Time limit in milliseconds. The lower of this value and `SandboxLimits.timeMs` applies. */
  timeoutMs: number;
  /** Hosts that the command can reach through the filtering proxy. Default: no network access. */
  egress?: readonly AllowedHost[];
  /** Output limit in bytes. Default: 10 MiB. `SandboxLimits.outputBytes` applies if it is lower. */
  maxOutputBytes?: number;
  /** Aborting this signal kills the command. `Execution.ended` is then `stopped`. */
  signal?: AbortSignal;
}

/** The other end of a command's standard streams. Lines have no line break at their end. */
export interface Dialogue {
  /** Is called once when the command starts. `send` writes one line to the command's input. */
  onStart(send: (line: string) => void): void;
  /**
   * Is called for each line that the command writes to stdout. `Execution.stdout` and `Execution.output` then
   * lack these lines, but the output limit includes them.
   */
  onLine(line: string): void;
}

/** Result of a command: how it ended, and its output. */
export interface Execution {
  /**
   * Null when the command was aborted or killed for a limit. 128 + n means that signal n ended the command.
   */
  exitCode: number | null;
  /**
   * `exited`: the command ended without being killed. `stopped`: it was aborted. Other values name the limit
   * for which it was killed.
   */
  ended: 'exited' | 'stopped' | LimitReached;
  stdout: string;
  stderr: string;
  /** stdout and stderr together, in order of arrival. */
  output: string;
  durationMs: number;
  /**
   * Hosts to which the proxy refused access: at most 50, without duplicates. If a host is not on the allowed
   * list, its entry is `host:port`. Otherwise, the reason follows in parentheses. Empty if the command has no
   * `egress`.
   */
  refusedHosts: string[];
}

/**
 * The limit whose violation ended a command. `not-measured` means that the command's use of memory or disk
 * could not be measured.
 */
export type LimitReached =
  | 'timeout'
  | 'output-limit'
  | 'memory-limit'
  | 'process-limit'
  | 'disk-limit'
  | 'not-measured';

/** Limits for commands and sandboxes. docs/configuration.md lists the limits that each backend enforces. */
export interface SandboxLimits {
  /** Maximum memory of all processes of a command together, in bytes. */
  memoryBytes: number;
  /** Maximum number of processes of a command. Each additional thread counts as one more process. */
  processes: number;
  /** Maximum size of a single file, in bytes. */
  fileBytes: number;
  /** Maximum size of /tmp, in bytes. */
  tmpBytes: number;
  /** Maximum size of everything that one sandbox writes outside of /tmp, in bytes. */
  diskBytes: number;
  /** Maximum number of files and folders in the places that `diskBytes` limits. */
  diskFiles: number;
  /** Maximum size of stdout and stderr of a command together, in bytes. */
  outputBytes: number;
  /** Maximum duration of a command, in milliseconds. */
  timeMs: number;
}

/** A folder or file of the host, and its path in the sandbox. */
export interface Mount {
  from: string;
  to: string;
  writable: boolean;
}

/**
 * An overlay: commands see the content of `lower`, and what they write goes to `upper`. All folders MUST be
 * on one file system. While a sandbox with these layers is open, nothing else may write to them. `lower` MUST
 * NOT be the upper folder of other layers, because their hard links would break.
 */
export interface Layers {
  /** A folder that never changes. Several layers can have the same one. */
  lower: string;
  /** What commands wrote, in the form that the kernel gives it. The host never reads it as a tree. */
  upper: string;
  /** The kernel's own folder. It is empty before the first command. */
  work: string;
  /** An empty folder. The whole content appears here, but only in the mount namespace of a command. */
  merged: string;
}

/** Opens sandboxes. All of them use the same backend, such as bubblewrap. */
export interface Sandboxes {
  /**
   * Id of the host user that owns the files that commands write. If null, this is the user that runs
   * Pullwright.
   */
  uid: number | null;
  /**
   * Warning to show in every pull request, because this backend does not isolate commands. Null if it
   * isolates them.
   */
  warning: string | null;
  /** Name of the mechanism that limits memory and processes, such as `cgroup v2`. The log shows this name. */
  limitsEnforcedBy: string;
  /** Why sandboxes cannot have layers on this machine, as a clause. Null if they can. */
  layersFault: string | null;
  /**
   * Opens a sandbox with these mounts. The backend adds only system files, such as /usr.
   * @param layers mounts from inside `layers.upper` show the content of both. Commands of this sandbox
   * run one after the other, because the kernel allows only one mount of `upper` at a time.
   * @throws Error if there are layers, and `layersFault` is not null
   */
  open(mounts: readonly Mount[], layers?: Layers | null): Sandbox;
}
