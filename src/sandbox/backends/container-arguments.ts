import type { Mount, SandboxLimits } from '../sandbox-types.js';

/**
 * A container engine. The command lines of Docker and Podman differ only in how they name a container's user.
 */
export interface Engine {
  program: 'docker' | 'podman';
  /** The engine runs as an ordinary user, and its containers can only be that user. */
  rootless: boolean;
}

export interface ContainerArguments {
  engine: Engine;
  name: string;
  /** A label `key=value`. It identifies containers that a crash left behind. */
  label: string;
  /** File to which the client writes the container's id as soon as the container exists. */
  idFile: string;
  limits: SandboxLimits;
  /** The user and the group that own the mounted folders. */
  user: { uid: number; gid: number };
  seccompFile: string;
  mounts: readonly Mount[];
  environment: Record<string, string>;
  /** Absolute path in the container. */
  cwd: string;
  /** The command may not write to files. */
  isOverQuota: boolean;
}

/** Builds the client's arguments for one command, from `run` up to, but not including, the image. */
export function buildContainerArguments(options: ContainerArguments): string[] {
  const { engine, limits } = options;
  const args = ['run', '--rm', '--interactive', '--name', options.name, '--label', options.label];
  args.push('--cidfile', options.idFile);
  // Images are never downloaded during a run.
  args.push('--pull', 'never', '--log-driver', 'none');
  args.push('--network', 'none', '--hostname', 'sandbox', '--read-only', '--cap-drop', 'ALL');
  args.push('--security-opt', 'no-new-privileges', '--security-opt', `seccomp=${options.seccompFile}`);
  args.push('--ipc', 'private', ...(engine.program === 'docker' ? ['--cgroupns', 'private'] : []));
  args.push(...buildUser(options), ...buildLimits(options));
  args.push('--shm-size', '64m', '--tmpfs', `/tmp:rw,nosuid,nodev,exec,mode=1777,size=${limits.tmpBytes}`);
  if (!options.mounts.some(({ to }) => to === '/home/agent'))
    args.push('--tmpfs', '/home/agent:rw,nosuid,nodev,mode=1777,size=1048576');
  for (const { from, to, writable } of options.mounts)
    args.push('--mount', `type=bind,source=${from},target=${to}${writable ? '' : ',readonly'}`);
  for (const [name, value] of Object.entries(options.environment)) args.push('--env', `${name}=${value}`);
  args.push('--workdir', options.cwd, '--entrypoint', '/bin/bash');
  return args;
}

function buildUser({ engine, user }: ContainerArguments): string[] {
  const ids = `${user.uid}:${user.gid}`;
  if (!engine.rootless) return ['--user', ids];
  // In rootless Docker, the engine's own user appears as root in the container, without any rights.
  return engine.program === 'docker' ? ['--user', '0:0'] : ['--userns', 'keep-id', '--user', ids];
}

function buildLimits({ limits, isOverQuota }: ContainerArguments): string[] {
  const fileBytes = isOverQuota ? 0 : limits.fileBytes;
  // The kernel counts `nproc` over all containers of the user. `--pids-limit` is the limit of this one.
  const allProcesses = limits.processes * 4;
  return [
    ...['--pids-limit', String(limits.processes)],
    ...['--memory', String(limits.memoryBytes), '--memory-swap', String(limits.memoryBytes)],
    ...['--oom-score-adj', '1000'],
    ...['--ulimit', 'nofile=8192:8192', '--ulimit', 'core=0:0'],
    ...['--ulimit', `fsize=${fileBytes}:${fileBytes}`],
    ...['--ulimit', `nproc=${allProcesses}:${allProcesses}`],
  ];
}
