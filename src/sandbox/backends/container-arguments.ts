import type { Mount, SandboxLimits } from '../sandbox.js';

/** A container engine's command line: both have the same one, but for who a container's user is outside. */
export interface Engine {
  program: 'docker' | 'podman';
  /** Run by a user of the machine's, who is the only one that its containers can be. */
  rootless: boolean;
}

/** Options of `run` for one command, up to and without the image. */
export function buildContainerArguments(options: {
  engine: Engine;
  name: string;
  /** `key=value`; what a crash left behind is found by it. */
  label: string;
  /** Where the client writes the container's id as soon as there is one. */
  idFile: string;
  limits: SandboxLimits;
  /** Numbers of the user and the group that own what is mounted. */
  user: { uid: number; gid: number };
  seccompFile: string;
  mounts: readonly Mount[];
  environment: Record<string, string>;
  cwd: string;
  isFull: boolean;
}): string[] {
  const { engine, limits, user } = options;
  const fileBytes = options.isFull ? 0 : limits.fileBytes;
  const args = ['run', '--rm', '--interactive', '--name', options.name, '--label', options.label];
  args.push('--cidfile', options.idFile);
  // Nothing is ever fetched while a run goes on.
  args.push('--pull', 'never', '--log-driver', 'none');
  args.push('--network', 'none', '--hostname', 'sandbox', '--read-only', '--cap-drop', 'ALL');
  args.push('--security-opt', 'no-new-privileges', '--security-opt', `seccomp=${options.seccompFile}`);
  args.push('--ipc', 'private', ...(engine.program === 'docker' ? ['--cgroupns', 'private'] : []));
  if (!engine.rootless) args.push('--user', `${user.uid}:${user.gid}`);
  // Docker's only user is then root in there, without a right, and this process's own out here.
  else if (engine.program === 'docker') args.push('--user', '0:0');
  else args.push('--userns', 'keep-id', '--user', `${user.uid}:${user.gid}`);
  args.push('--pids-limit', String(limits.processes));
  args.push('--memory', String(limits.memoryBytes), '--memory-swap', String(limits.memoryBytes));
  args.push('--oom-score-adj', '1000');
  args.push(
    '--ulimit',
    'nofile=8192:8192',
    '--ulimit',
    'core=0:0',
    '--ulimit',
    `fsize=${fileBytes}:${fileBytes}`,
  );
  // Of all that this user has, as far as the kernel counts: the bound of one container is the one above.
  args.push('--ulimit', `nproc=${limits.processes * 4}:${limits.processes * 4}`);
  args.push('--shm-size', '64m', '--tmpfs', `/tmp:rw,nosuid,nodev,exec,mode=1777,size=${limits.tmpBytes}`);
  if (!options.mounts.some(({ to }) => to === '/home/agent'))
    args.push('--tmpfs', '/home/agent:rw,nosuid,nodev,mode=1777,size=1048576');
  for (const { from, to, writable } of options.mounts)
    args.push('--mount', `type=bind,source=${from},target=${to}${writable ? '' : ',readonly'}`);
  for (const [name, value] of Object.entries(options.environment)) args.push('--env', `${name}=${value}`);
  args.push('--workdir', options.cwd, '--entrypoint', '/bin/bash');
  return args;
}
