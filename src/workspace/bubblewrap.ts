import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Passage } from '../find-passage.js';
import { startEgressProxy } from './egress-proxy.js';
import { runProcess } from './run-process.js';
import type { Command, Execution, Mount, Sandbox, Sandboxes } from './sandbox.js';
import { buildSeccompFilter } from './seccomp.js';

export interface BubblewrapOptions {
  /** For the small files that every sandbox is given, and the sockets of proxies. */
  folder: string;
  limits: {
    /** Of one process: its heap and private mappings. */
    memoryBytes: number;
    processes: number;
    /** Of one file. */
    fileBytes: number;
    /** Of /tmp. */
    tmpBytes: number;
  };
  /** How the sandbox's user gets to what is mounted. */
  passage: Passage;
  /** Folders with toolchains outside of /usr, shown read-only at the same place. */
  toolPaths: readonly string[];
  /** How package managers are told where packages come from. */
  packages: { environment: Record<string, string>; files: readonly string[] };
}

/** Nobody's own number: root never runs anything of a repository's. */
const sandboxUser = 64001;
const proxyPort = 3128;
const defaultMaxOutputBytes = 10 * 1024 * 1024;

/**
 * Sandboxes by bubblewrap: one short-lived process tree per command, in namespaces of its own, without capabilities,
 * without network, with a seccomp filter, and with nothing of this process in reach: not its environment, its
 * descriptors, its command line.
 */
export async function createBubblewrap(options: BubblewrapOptions): Promise<Sandboxes> {
  const uid = process.getuid?.() === 0 ? sandboxUser : null;
  const files = await writeStaticFiles(options.folder);
  // What programs under /usr cannot do without. Debian's Java has its settings here.
  const java = (await readdir('/etc'))
    .filter((name) => name.startsWith('java-'))
    .map((name) => `/etc/${name}`);
  const shownEtc = [
    '/etc/ssl',
    '/etc/alternatives',
    '/etc/ld.so.cache',
    '/etc/ca-certificates',
    '/etc/maven',
    '/etc/php',
    ...java,
  ];

  const execute = async (
    mounts: readonly Mount[],
    command: Command,
    stop: AbortSignal,
  ): Promise<Execution> => {
    const socket = command.egress
      ? path.join(options.folder, 'proxies', `${randomBytes(6).toString('hex')}.sock`)
      : null;
    const proxy = socket && command.egress ? await startEgressProxy(socket, command.egress) : null;
    const environment = {
      ...baseEnvironment,
      ...(options.toolPaths.length > 0 && { PATH: toolPath(options.toolPaths) }),
      ...(proxy && { ...proxyEnvironment, ...options.packages.environment }),
      ...command.env,
    };
    const shown = [...mounts, ...(socket ? [{ from: socket, to: '/run/proxy.sock', writable: true }] : [])];
    const certificates = proxy ? options.packages.files : [];
    const args = buildArguments({
      ...options,
      files,
      mounts: shown,
      environment,
      certificates,
      shownEtc,
      proxied: proxy !== null,
      cwd: command.cwd,
    });
    // Arguments through a file: on the command line, host paths would show in the sandbox's /proc/1/cmdline.
    const argumentsFile = path.join(options.folder, 'arguments', randomBytes(6).toString('hex'));
    await writeFile(argumentsFile, args.join('\0'), { mode: 0o600 });
    const statusFile = `${argumentsFile}.status`;
    const status = openSync(statusFile, 'wx+', 0o600);
    const descriptors = [openSync(files.seccomp, 'r'), openSync(argumentsFile, 'r'), status];
    await Promise.all([rm(argumentsFile), rm(statusFile)]);
    try {
      const script = proxy ? `${startRelay}\n${command.script}` : command.script;
      const argv = [
        ...options.passage.argv,
        ...dropRights(uid),
        ...limitArguments(options.limits),
        ...[
          'bwrap',
          '--json-status-fd',
          '5',
          '--args',
          '4',
          '--',
          '/bin/bash',
          '-c',
          script,
          'bash',
          ...(command.args ?? []),
        ],
      ];
      const result = await runProcess(
        argv,
        { descriptors, stdin: command.stdin },
        {
          timeoutMs: command.timeoutMs,
          maxOutputBytes: command.maxOutputBytes ?? defaultMaxOutputBytes,
          signal: command.signal ? AbortSignal.any([command.signal, stop]) : stop,
        },
      );
      // Its own word for it: a command may print and exit as bubblewrap itself does when it fails.
      if (
        /^bwrap: /.test(result.stderr) &&
        result.exitCode === 1 &&
        !readWhole(status).includes('"exit-code"')
      )
        throw new Error(`sandbox: ${result.stderr.trim().slice(0, 500)}`);
      return { ...result, refusedHosts: proxy?.refused ?? [] };
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
      await proxy?.stop();
    }
  };

  return {
    uid,
    open: (mounts): Sandbox => {
      const stopping = new AbortController();
      const running = new Set<Promise<unknown>>();
      return {
        execute: (command) => {
          const execution = execute(mounts, command, stopping.signal);
          running.add(execution);
          const over = () => running.delete(execution);
          execution.then(over, over);
          return execution;
        },
        dispose: async () => {
          stopping.abort();
          await Promise.allSettled(running);
        },
      };
    },
  };
}

function readWhole(descriptor: number): string {
  const buffer = Buffer.alloc(4096);
  return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
}

const baseEnvironment = {
  // What set-up installed into the home comes first: a package manager, a Python environment.
  PATH: '/home/agent/.local/bin:/usr/local/bin:/usr/bin:/bin',
  HOME: '/home/agent',
  USER: 'agent',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  // Tools ask no questions and watch no files then.
  CI: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

const proxyUrl = `http://127.0.0.1:${proxyPort}`;
const proxyEnvironment = {
  HTTP_PROXY: proxyUrl,
  HTTPS_PROXY: proxyUrl,
  http_proxy: proxyUrl,
  https_proxy: proxyUrl,
  npm_config_proxy: proxyUrl,
  npm_config_https_proxy: proxyUrl,
  YARN_HTTP_PROXY: proxyUrl,
  YARN_HTTPS_PROXY: proxyUrl,
  CARGO_HTTP_PROXY: proxyUrl,
  JAVA_TOOL_OPTIONS: `-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=${proxyPort} -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${proxyPort}`,
};

/** Package managers speak to a TCP port; the way out is a unix socket. This stands between, inside. */
const relay = `
import net from 'node:net';
net.createServer((inner) => {
  const outer = net.connect('/run/proxy.sock');
  const end = () => { inner.destroy(); outer.destroy(); };
  inner.on('error', end).on('close', end).pipe(outer);
  outer.on('error', end).on('close', end).pipe(inner);
}).listen(${proxyPort}, '127.0.0.1', () => process.stdout.write('up'));
`;
const startRelay = `exec 9< <(exec /run/node /run/relay.mjs 2>/dev/null); read -rn2 -t 10 -u 9 || { echo 'the way to the registries did not come up' >&2; exit 125; }; exec 9<&-`;

async function writeStaticFiles(folder: string) {
  const contents = {
    passwd: 'agent:x:1000:1000:agent:/home/agent:/bin/bash\n',
    group: 'agent:x:1000:\n',
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
    nsswitch: 'passwd: files\ngroup: files\nhosts: files\n',
    // upload-pack of a local clone reads this file only, no environment: the mirror belongs to another user.
    gitconfig:
      '[safe]\n\tdirectory = *\n[gc]\n\tauto = 0\n[user]\n\tname = agent\n\temail = agent@localhost\n',
    relay,
    seccomp: buildSeccompFilter(process.arch),
  };
  for (const part of [folder, path.join(folder, 'proxies'), path.join(folder, 'arguments')]) {
    await mkdir(part, { recursive: true });
    await chmod(part, 0o711);
  }
  const files = {} as Record<keyof typeof contents, string>;
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(folder, name);
    await writeFile(file, content, { mode: 0o644 });
    files[name as keyof typeof contents] = file;
  }
  return files;
}

function buildArguments(options: {
  files: Record<'passwd' | 'group' | 'hosts' | 'nsswitch' | 'gitconfig' | 'relay', string>;
  limits: BubblewrapOptions['limits'];
  toolPaths: readonly string[];
  passage: Passage;
  mounts: readonly Mount[];
  certificates: readonly string[];
  shownEtc: readonly string[];
  proxied: boolean;
  environment: Record<string, string>;
  cwd: string | undefined;
}): string[] {
  const { passage } = options;
  const args = ['--unshare-all', '--unshare-user', '--disable-userns', '--uid', '1000', '--gid', '1000'];
  args.push('--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--hostname', 'sandbox', '--clearenv');
  for (const [name, value] of Object.entries(options.environment)) args.push('--setenv', name, value);
  args.push('--ro-bind', '/usr', '/usr');
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) args.push('--symlink', `usr/${folder}`, `/${folder}`);
  for (const shown of options.shownEtc) args.push('--ro-bind-try', shown, shown);
  const show = (file: keyof typeof options.files, to: string) =>
    args.push('--ro-bind', passage.inside(options.files[file]), to);
  show('passwd', '/etc/passwd');
  show('group', '/etc/group');
  show('hosts', '/etc/hosts');
  show('nsswitch', '/etc/nsswitch.conf');
  show('gitconfig', '/etc/gitconfig');
  if (options.proxied) {
    show('relay', '/run/relay.mjs');
    args.push('--ro-bind', passage.inside(process.execPath), '/run/node');
  }
  args.push('--proc', '/proc', '--dev', '/dev', '--size', String(options.limits.tmpBytes), '--tmpfs', '/tmp');
  args.push('--size', String(64 * 1024 * 1024), '--tmpfs', '/dev/shm', '--dir', '/home/agent');
  // Behind the sandbox's own folders, or one that lies in the machine's /tmp would be hidden by them.
  for (const folder of options.toolPaths) args.push('--ro-bind', passage.inside(folder), folder);
  for (const file of options.certificates) args.push('--ro-bind-try', file, file);
  for (const { from, to, writable } of options.mounts)
    args.push(writable ? '--bind' : '--ro-bind', passage.inside(from), to);
  args.push('--chdir', path.posix.resolve('/workspace', options.cwd ?? '.'));
  args.push('--remount-ro', '/dev', '--remount-ro', '/', '--seccomp', '3');
  return args;
}

function toolPath(folders: readonly string[]): string {
  const [home, ...rest] = baseEnvironment.PATH.split(':');
  return [home, ...folders.flatMap((folder) => [path.join(folder, 'bin'), folder]), ...rest].join(':');
}

/** As root: everything inside would otherwise start with root's capabilities, and no limit on processes would hold. */
function dropRights(uid: number | null): string[] {
  if (uid === null) return ['setpriv', '--no-new-privs'];
  const id = String(uid);
  return [
    'setpriv',
    '--reuid',
    id,
    '--regid',
    id,
    '--clear-groups',
    '--no-new-privs',
    '--inh-caps=-all',
    '--bounding-set=-all',
  ];
}

/** Not RLIMIT_AS: WebAssembly in Node reserves far more addresses than it uses, and dies of that one. */
function limitArguments(limits: BubblewrapOptions['limits']): string[] {
  const { memoryBytes, processes, fileBytes } = limits;
  return [
    'prlimit',
    `--data=${memoryBytes}`,
    `--nproc=${processes}`,
    `--fsize=${fileBytes}`,
    '--nofile=8192',
    '--core=0',
    '--',
  ];
}

/** Makes a folder that belongs to the sandbox's user. */
export async function makeSandboxFolder(folder: string, uid: number | null): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (uid !== null) await chown(folder, uid, uid);
}
