import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type EgressProcess, startEgressProcess } from '../egress/egress-process.js';
import { mountRelay, proxyEnvironmentOf, startRelayBefore } from '../egress/relay.js';
import { type DiskQuota, openDiskQuota } from '../limits/disk-quota.js';
import type { ProcessLimits, ProcessResult } from '../process/run-process.js';
import { restoreAccess } from '../process/sandbox-user.js';
import type { Command, Dialogue, Execution, Layers, Mount, Sandbox, Sandboxes } from '../sandbox-types.js';
import type { BackendOptions } from './backend-options.js';
import { baseEnvironment, putFirst } from './sandbox-environment.js';
import { type SandboxFiles, socketFolder } from './sandbox-files.js';

/**
 * The part of sandboxes that differs between backends: how to run a single command. `openSandboxes` adds the
 * rest.
 */
export interface Backend extends Pick<Sandboxes, 'uid' | 'warning' | 'limitsEnforcedBy' | 'layersFault'> {
  files: SandboxFiles;
  /** Variables that override those of the base environment. */
  environment: Record<string, string>;
  /** False if commands use the host's network. Such commands get no proxy. */
  isolatesNetwork: boolean;
  /** @throws the same errors as `Sandbox.execute` */
  run(command: PreparedCommand): Promise<ProcessResult>;
}

/** A command with all parts that are the same for every backend. */
export interface PreparedCommand {
  /** A random id of 12 hexadecimal digits. */
  id: string;
  script: string;
  args: readonly string[];
  stdin: string | undefined;
  dialogue: Dialogue | undefined;
  /** Working directory: an absolute path in the sandbox. */
  cwd: string;
  /** The whole environment of the command. */
  environment: Record<string, string>;
  /** The mounts of the sandbox, and those that the network proxy needs. */
  mounts: readonly Mount[];
  layers: Layers | null;
  /** Certificate files to which environment variables refer. The sandbox mounts them at the same paths. */
  certificates: readonly string[];
  /**
   * True when the sandbox exceeds its disk quota. The command can then delete files but not write to them.
   */
  isOverQuota: boolean;
  /** Limits that every backend enforces in the same way: time, output, disk, and the abort signal. */
  limits: Required<ProcessLimits>;
}

type CommonOptions = Pick<BackendOptions, 'folder' | 'limits' | 'packages' | 'egressProgram'>;

interface Context {
  options: CommonOptions;
  backend: Backend;
  mounts: readonly Mount[];
  layers: Layers | null;
  quota: DiskQuota;
}

const defaultMaxOutputBytes = 10 * 1024 * 1024;

/**
 * Turns a backend into sandboxes. Adds the parts that all backends share: mounts, disk quota, proxy,
 * environment, limits and disposal.
 */
export function openSandboxes(options: CommonOptions, backend: Backend): Sandboxes {
  const { uid, warning, limitsEnforcedBy, layersFault } = backend;
  return {
    uid,
    warning,
    limitsEnforcedBy,
    layersFault,
    open: (mounts, layers = null) => {
      if (layers && layersFault !== null) throw new Error(`sandbox: no layers: ${layersFault}`);
      const folders = mounts.filter(({ writable }) => writable).map(({ from }) => from);
      if (layers) folders.push(layers.work);
      return openSandbox({ options, backend, mounts, layers, quota: openDiskQuota(folders, options.limits) });
    },
  };
}

function openSandbox(context: Context): Sandbox {
  const disposal = new AbortController();
  const running = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    execute: async (command) => {
      if (containsNul(command)) return refuse('sandbox: a command cannot contain NUL characters');
      const { signal } = disposal;
      const stop = command.signal ? AbortSignal.any([command.signal, signal]) : signal;
      const start = () => execute(context, command, stop);
      const execution = context.layers ? last.then(start, start) : start();
      last = execution;
      running.add(execution);
      const forget = () => running.delete(execution);
      execution.then(forget, forget);
      return execution;
    },
    dispose: async () => {
      disposal.abort();
      await Promise.allSettled(running);
    },
  };
}

async function execute(context: Context, command: Command, stop: AbortSignal): Promise<Execution> {
  const { options, backend } = context;
  await restoreAccess(context.mounts);
  const isOverQuota = await context.quota.isExceeded();
  const id = randomBytes(6).toString('hex');
  const socket = path.join(socketFolder(options.folder), `${id}.sock`);
  let proxy: EgressProcess | null = null;
  if (command.egress && backend.isolatesNetwork)
    proxy = await startEgressProcess(options.egressProgram, socket, command.egress);
  try {
    const prepared = prepare(context, command, proxy && socket);
    const result = await backend.run({ ...prepared, id, isOverQuota, limits: limit(context, command, stop) });
    return { ...result, refusedHosts: (await proxy?.stop()) ?? [] };
  } finally {
    await proxy?.stop();
  }
}

function prepare(
  { options: { packages }, backend, mounts, layers }: Context,
  command: Command,
  proxySocket: string | null,
): Omit<PreparedCommand, 'id' | 'isOverQuota' | 'limits'> {
  const PATH = backend.environment.PATH ?? baseEnvironment.PATH;
  const proxy: Record<string, string> = proxySocket === null ? {} : proxyEnvironmentOf(command.egress ?? []);
  return {
    script: proxySocket === null ? command.script : startRelayBefore(command.script),
    args: command.args ?? [],
    stdin: command.stdin,
    dialogue: command.dialogue,
    cwd: path.posix.resolve('/workspace', command.cwd ?? '.'),
    environment: {
      ...baseEnvironment,
      ...backend.environment,
      ...proxy,
      ...(command.egress && packages.environment),
      ...(command.path && { PATH: putFirst(command.path, PATH) }),
      ...command.env,
      ...(proxy.NODE_OPTIONS && { NODE_OPTIONS: joinOptions(proxy, command.env) }),
    },
    layers,
    mounts: proxySocket === null ? mounts : [...mounts, ...mountRelay(proxySocket, backend.files)],
    certificates: command.egress ? packages.files : [],
  };
}

/** Joins the options of Node that the proxy needs with those of the command. */
function joinOptions(...environments: (Record<string, string> | undefined)[]): string {
  return environments.flatMap((one) => one?.NODE_OPTIONS ?? []).join(' ');
}

function limit({ options: { limits }, quota }: Context, command: Command, signal: AbortSignal) {
  return {
    timeoutMs: Math.min(command.timeoutMs, limits.timeMs),
    maxOutputBytes: Math.min(command.maxOutputBytes ?? defaultMaxOutputBytes, limits.outputBytes),
    signal,
    monitors: [quota.monitor],
    describesTimeout: true,
  };
}

/** Detects NUL characters, because the kernel cannot pass them to a program. */
function containsNul({ script, args = [], cwd = '', env = {} }: Command): boolean {
  return [script, ...args, cwd, ...Object.values(env)].some((text) => text.includes('\0'));
}

/**
 * Returns a failed result without starting the command. In bash, 126 means that a command cannot be executed.
 */
function refuse(reason: string): Execution {
  const text = `${reason}\n`;
  return {
    exitCode: 126,
    ended: 'exited',
    stdout: '',
    stderr: text,
    output: text,
    durationMs: 0,
    refusedHosts: [],
  };
}
