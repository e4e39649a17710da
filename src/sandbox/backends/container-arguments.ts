import type { Mount, SandboxLimits } from '../sandbox-types.js';

/**
 * A container engine. Docker and Podman accept nearly the same options. The main difference is how to set the
 * user of a container.
 */
export interface Engine {
  program: 'docker' | 'podman';
  /** True when the engine runs as an ordinary user. Its containers can then run only as that user. */
  rootless: boolean;
}

export interface ContainerArguments {
  engine: Engine;
  name: string;
  /** A label `key=value`. After a crash, Pullwright finds its old containers by this label. */
  label: string;
  /** File to which the engine's client writes the id of the container as soon as the container exists. */
  idFile: string;
  limits: SandboxLimits;
  /** The user and group that own the mounted folders. */
  user: { uid: number; gid: number };
  seccompFile: string;
  mounts: readonly Mount[];
  environment: Record<string, string>;
  /** Working directory: an absolute path in the container. */
  cwd: string;
  /** True when the sandbox exceeds its disk quota. The command then cannot write to files. */
  isOverQuota: boolean;
}

/** Builds the client's arguments for one command. They start with `run` and end before the image. */
export function buildContainerArguments(options: ContainerArguments): string[] {
  const { engine, limits } = options;
  const args = ['run', '--rm', '--interactive', '--name', options.name, '--label', options.label];
  args.push('--cidfile', options.idFile);
  // The operator must pull the image in advance. Pullwright never downloads an image during a run.
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
  // In rootless Docker, the engine's user appears as root in the container, but gets no additional rights.
  return engine.program === 'docker' ? ['--user', '0:0'] : ['--userns', 'keep-id', '--user', ids];
}

function buildLimits({ limits, isOverQuota }: ContainerArguments): string[] {
  const fileBytes = isOverQuota ? 0 : limits.fileBytes;
  // `--pids-limit` applies to this container alone. The kernel applies `nproc` to all containers of the user
  // together, so the value of `nproc` is higher.
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
