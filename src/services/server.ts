import type { Service } from '../environment/environment.js';
import type { Mount } from '../sandbox/sandbox.js';
import type { DatabaseServer } from '../workspace/provision.js';
import type { Found } from './find-programs.js';
import type { PostgresPackages } from './kinds/postgres-packages.js';

/** A service with its place in the sandbox. */
export interface PlacedService {
  service: Service;
  /** The unique name of the service's folder in /services: lowercase letters, digits, `-` and `_`. */
  name: string;
  /** The loopback address that the server listens on. */
  address: string;
  /** The port that the server listens on. */
  port: number;
}

/** What this machine has for servers. */
export interface Machine {
  found: Found;
  postgres: PostgresPackages;
}

/** How to run a server. All texts are bash, and run in the folder /services/<name>. */
export interface Server {
  /** Name and version, such as `PostgreSQL 16.14`. */
  title: string;
  /** What differs from the service that the repository asks for, one sentence each. */
  differences: string[];
  /** What the service lacks, and what the operator can do, one sentence each. */
  missing: string[];
  mounts: Mount[];
  /** How programs beside the server reach it; undefined if Pullwright itself never asks it. */
  database?: DatabaseServer;
  /** Whether a script of the server calls the variable `$node`, or Pullwright asks the server with Node. */
  needsNode: boolean;
  /** Creates the folder `data`. Runs once, with `set -e`. `clean` runs a program with a clean environment. */
  initialize: string;
  /**
   * Runs before each start, outside of the folder. It deletes what a killed server left behind and what
   * `ready` would take for a sign of the new server.
   */
  prepare: string;
  /**
   * The program and its arguments. The program stays in the foreground, and gets no environment. `$v6` is the
   * text `::1` if the sandbox has IPv6, and empty otherwise.
   */
  command: string;
  /** A condition that is true when the server accepts connections. It should start no process. */
  ready: string;
  /** The signal that stops the server. */
  stopSignal: 'INT' | 'TERM' | 'KILL';
}

/** Why a service cannot be had, and what the operator can do. It completes "… is not available: ". */
export interface Unavailable {
  unavailable: string;
}

/** Chooses a server for a service, among what this machine has. */
export type ChooseServer = (placed: PlacedService, machine: Machine) => Promise<Server | Unavailable>;
