import type { AllowedHost } from './egress-proxy.js';

/**
 * Where every command and every file access of the agent happens. It holds no credential and, but for set-up, no
 * network. Backends: bubblewrap.ts. Two methods, so that another backend is a small thing to write.
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
  timeoutMs: number;
  /** The hosts that it may reach, through the allow-list proxy only; no network at all when absent. */
  egress?: readonly AllowedHost[];
  /** Bytes of output after which the command is killed; default 10 MB. */
  maxOutputBytes?: number;
  /** Aborting kills the command; the execution then ended by `stopped`. */
  signal?: AbortSignal;
}

export interface Execution {
  /** Null when it did not exit by itself. */
  exitCode: number | null;
  /** `exited` also for a command that a signal of its own making ended (exitCode 128 + signal). */
  ended: 'exited' | 'timeout' | 'output-limit' | 'stopped';
  stdout: string;
  stderr: string;
  /** stdout and stderr in order of arrival. */
  output: string;
  durationMs: number;
  /** What the proxy refused, each once: `host:port`, and why where that is not plain; [] without network. */
  refusedHosts: string[];
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
  open(mounts: readonly Mount[]): Sandbox;
}
