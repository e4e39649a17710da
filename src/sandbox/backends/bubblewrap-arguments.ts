import path from 'node:path';
import type { NamespaceWrapper } from '../process/namespace-wrapper.js';
import type { Mount } from '../sandbox.js';
import type { SandboxFile } from '../sandbox-files.js';

/** What is mounted into /dev/shm at most. */
const sharedMemoryBytes = 64 * 1024 * 1024;

/** Bubblewrap's options for one command: namespaces of its own, no capabilities, and what it is shown. */
export function buildBubblewrapArguments(options: {
  files: Record<SandboxFile, string>;
  tmpBytes: number;
  toolPaths: readonly string[];
  wrapper: NamespaceWrapper;
  mounts: readonly Mount[];
  certificates: readonly string[];
  shownEtc: readonly string[];
  proxied: boolean;
  environment: Record<string, string>;
  cwd: string | undefined;
}): string[] {
  const { wrapper } = options;
  const args = ['--unshare-all', '--unshare-user', '--disable-userns', '--uid', '1000', '--gid', '1000'];
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
  if (options.proxied) {
    show('relay', '/run/relay.mjs');
    args.push('--ro-bind', wrapper.inside(process.execPath), '/run/node');
  }
  args.push('--proc', '/proc', '--dev', '/dev', '--size', String(options.tmpBytes), '--tmpfs', '/tmp');
  args.push('--size', String(sharedMemoryBytes), '--tmpfs', '/dev/shm', '--dir', '/home/agent');
  // Behind the sandbox's own folders, or one that lies in the machine's /tmp would be hidden by them.
  for (const folder of options.toolPaths) args.push('--ro-bind', wrapper.inside(folder), folder);
  for (const file of options.certificates) args.push('--ro-bind-try', file, file);
  for (const { from, to, writable } of options.mounts)
    args.push(writable ? '--bind' : '--ro-bind', wrapper.inside(from), to);
  args.push('--chdir', path.posix.resolve('/workspace', options.cwd ?? '.'));
  args.push('--remount-ro', '/dev', '--remount-ro', '/', '--seccomp', '3');
  return args;
}
