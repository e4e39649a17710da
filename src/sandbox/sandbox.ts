import type { AllowedHost } from './egress/egress-proxy.js';

/**
 * Where every command and every file access of the agent happens. It holds no credential and, but for set-up, no
 * network. Backends: bubblewrap.ts, container.ts, no-sandbox.ts. Two methods, so that another one is a small thing to
 * write.
 */
export interface Sandbox {
  /**
   * Runs a command to its end. Never throws for what the command did: a failing, killed or timed-out command is a
   * result. Throws only when the sandbox itself could not be had.
   * When it resolves, no process of the command is left.
   */
  execute(command: Command): Promise<Execution>;
  /** Kills what still runs. Folders are the workspace's to remove. May be called twice. */
  dispose(): Promise<void>;
}

export interface Command {
  /** Bash script. `$1`, `$2`, … are `args`, so that nothing needs quoting. */
  script: string;
  args?: string[];
  /** Inside the sandbox, absolute or relative to `/workspace`; `/workspace` when absent. */
  cwd?: string;
  stdin?: string;
  env?: Record<string, string>;
  /** The operator's own limit may be shorter. */
  timeoutMs: number;
  /** The hosts that it may reach, through the allow-list proxy only; no network at all when absent. */
  egress?: readonly AllowedHost[];
  /** Bytes of output after which the command is killed; default 10 MB, and never above the operator's limit. */
  maxOutputBytes?: number;
  /** Aborting kills the command; the execution then ended by `stopped`. */
  signal?: AbortSignal;
}

export interface Execution {
  /** Null when it did not exit by itself. */
  exitCode: number | null;
  /** `exited` also for a command that a signal of its own making ended (exitCode 128 + signal). */
  ended: 'exited' | 'stopped' | LimitReached;
  stdout: string;
  stderr: string;
  /** stdout and stderr in order of arrival. */
  output: string;
  durationMs: number;
  /** What the proxy refused, each once: `host:port`, and why where that is not plain; [] without network. */
  refusedHosts: string[];
}

/** The limit that a command was killed at; `not-measured`: nobody could tell what it used. */
export type LimitReached =
  | 'timeout'
  | 'output-limit'
  | 'memory-limit'
  | 'process-limit'
  | 'disk-limit'
  | 'not-measured';

/** What one command may use. A backend that cannot hold one of them says so in docs/configuration.md. */
export interface SandboxLimits {
  /** Of all its processes together. */
  memoryBytes: number;
  /** Processes and threads. */
  processes: number;
  /** Of one file. */
  fileBytes: number;
  /** Of /tmp. */
  tmpBytes: number;
  /** Of everything that a sandbox can write to, but for /tmp. */
  diskBytes: number;
  /** The same, in files and folders. */
  diskFiles: number;
  outputBytes: number;
  timeMs: number;
}

/** A host folder or file, and where the sandbox shows it. */
export interface Mount {
  from: string;
  to: string;
  writable: boolean;
}

/** A backend: opens sandboxes that show what they are told to, and nothing else of the machine. */
export interface Sandboxes {
  /** The user on the host that owns what is written inside; null: the user that this process runs as. */
  uid: number | null;
  /** What people have to be told in every pull request, where the backend protects less than it should. */
  warning: string | null;
  open(mounts: readonly Mount[]): Sandbox;
}
