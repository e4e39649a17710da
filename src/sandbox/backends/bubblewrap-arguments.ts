import type { NamespaceWrapper } from '../process/namespace-wrapper.js';
import type { Mount } from '../sandbox-types.js';
import type { SandboxFile, SandboxFiles } from './sandbox-files.js';

/** Numeric id of the user and the group `agent` in the sandbox. */
export const insideUid = 1000;
/** Size of /dev/shm in bytes. */
const sharedMemoryBytes = 64 * 1024 * 1024;

export interface BubblewrapArguments {
  files: SandboxFiles;
  tmpBytes: number;
  toolPaths: readonly string[];
  wrapper: NamespaceWrapper;
  mounts: readonly Mount[];
  certificates: readonly string[];
  /** Paths in the host's /etc that are mounted into the sandbox at the same paths. */
  shownEtc: readonly string[];
  environment: Record<string, string>;
  /** Working directory: an absolute path in the sandbox. */
  cwd: string;
  /** Number of the descriptor from which bubblewrap reads the seccomp filter. */
  seccompDescriptor: number;
}

/** Builds bubblewrap's options for one command: separate namespaces, no capabilities, and the mounts. */
export function buildBubblewrapArguments(options: BubblewrapArguments): string[] {
  const { wrapper } = options;
  const id = String(insideUid);
  const args = ['--unshare-all', '--unshare-user', '--disable-userns', '--uid', id, '--gid', id];
  args.push('--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--hostname', 'sandbox', '--clearenv');
  for (const [name, value] of Object.entries(options.environment)) args.push('--setenv', name, value);
  args.push('--ro-bind', '/usr', '/usr');
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) args.push('--symlink', `usr/${folder}`, `/${folder}`);
  for (const shown of options.shownEtc) args.push('--ro-bind-try', shown, shown);
  const show = (file: SandboxFile, to: string) =>
    args.push('--ro-bind', wrapper.inside(options.files[file]), to);
  show('passwd', '/etc/passwd');
  show('group', '/etc/group');
  show('hosts', '/etc/hosts');
  show('nsswitch', '/etc/nsswitch.conf');
  show('gitconfig', '/etc/gitconfig');
  args.push('--proc', '/proc', '--dev', '/dev', '--size', String(options.tmpBytes), '--tmpfs', '/tmp');
  args.push('--size', String(sharedMemoryBytes), '--tmpfs', '/dev/shm', '--dir', '/home/agent');
  // Clients look for the sockets of servers here. The servers of a repository have their sockets in /tmp.
  for (const folder of ['/run/postgresql', '/run/mysqld']) args.push('--symlink', '/tmp', folder);
  args.push('--symlink', '/run', '/var/run');
  // These mounts MUST come after the sandbox's own /tmp. Otherwise, the sandbox's /tmp would hide a tool path
  // that is below /tmp.
  for (const folder of options.toolPaths) args.push('--ro-bind', wrapper.inside(folder), folder);
  for (const file of options.certificates) args.push('--ro-bind-try', file, file);
  for (const { from, to, writable } of options.mounts)
    args.push(writable ? '--bind' : '--ro-bind', wrapper.inside(from), to);
  args.push('--chdir', options.cwd);
  args.push('--remount-ro', '/dev', '--remount-ro', '/', '--seccomp', String(options.seccompDescriptor));
  return args;
}
