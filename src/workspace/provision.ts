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
  /** What was provided besides services, one sentence each, such as `Node 22.11.0 from the registry.` */
  provided: string[];
  /** What could not be provided and what the operator can do, one sentence each. */
  missing: string[];
}

/** A database server among the services. In /services/<service>, it writes its log to the file `log`. */
export interface DatabaseServer {
  service: string;
  /** Its name and version, such as `PostgreSQL 18.4`. */
  title: string;
  host: string;
  port: number;
  /** The socket, on which the server asks for no password. */
  socket: string;
  /** The name and the password of a superuser. */
  user: string;
  password: string;
  /** The database of the service. Migrations can use another one. */
  database: string;
}

/** Runs services, such as a database, beside a command in its sandbox. */
export interface ServiceRunner {
  /** Names that resolve to loopback addresses of the sandbox, besides `localhost`. */
  hosts: Readonly<Record<string, string>>;
  /** The unique names of the services, such as `db`: lowercase letters, digits, `-` and `_`. */
  names: readonly string[];
  /** The servers of Postgres among them. */
  databases: readonly DatabaseServer[];
  /** What runs as the services, one sentence each. */
  provided: readonly string[];
  /**
   * Returns a bash script that starts the services, waits until they accept connections, runs `script` with
   * the same arguments, and stops the services. The exit code and the output are those of `script`. The data
   * of the services is in /services, which the sandbox can write to.
   *
   * If a service does not start, the script prints the line `services: <name> did not start: <reason>` to
   * stderr, does not run `script`, and ends with 125.
   */
  wrap(script: string): string;
  /** Returns a runner for these services only; null if none is left. */
  only(names: readonly string[]): ServiceRunner | null;
}

export const emptyProvision: Provision = {
  mounts: [],
  path: [],
  variables: {},
  services: null,
  provided: [],
  missing: [],
};

/**
 * Variables that would change how our own scripts, the reporters or the sandbox itself work. A repository's
 * CI cannot set them.
 */
const reserved = new RegExp(
  '^(?:PATH|HOME|USER|TMPDIR|PWD|OLDPWD|SHELL|SHELLOPTS|BASHOPTS|BASH_.*|ENV|IFS|PS4|LD_.*|GIT_.*|' +
    'HTTPS?_PROXY|ALL_PROXY|NO_PROXY|PULLWRIGHT_.*)$',
  'i',
);

/**
 * Merges what several parts provide. A later part wins if two of them set the same variable. Only one part
 * may provide services.
 */
export function mergeProvisions(...parts: readonly Partial<Provision>[]): Provision {
  const variables = Object.entries<string>(Object.assign({}, ...parts.map((part) => part.variables)));
  const mounts = parts.flatMap((part) => part.mounts ?? []);
  return {
    mounts: [...new Map(mounts.map((mount) => [mount.to, mount])).values()],
    path: parts.flatMap(({ path }) => path ?? []),
    variables: Object.fromEntries(
      variables.filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !reserved.test(name)),
    ),
    services: parts.map(({ services }) => services ?? null).find(Boolean) ?? null,
    provided: parts.flatMap(({ provided }) => provided ?? []),
    missing: parts.flatMap(({ missing }) => missing ?? []),
  };
}
