import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { editFile } from '../../src/agent/tools/edit-file.js';
import { search } from '../../src/agent/tools/search.js';
import type { ToolContext } from '../../src/agent/tools/tool.js';
import { makeSandboxFolder } from '../../src/sandbox/process/drop-rights.js';
import type { Command, Sandbox } from '../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const canary = `canary-${process.pid}-7d1f`;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let tree: string;
let hostFile: string;
let sandbox: Sandbox;
let context: ToolContext;
let neighbour: ChildProcess;
const listeners: net.Server[] = [];
let port: number;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  tree = path.join(folder.path, 'tree');
  hostFile = path.join(folder.path, 'host-file');
  await writeFile(hostFile, canary, { mode: 0o644 });
  const sandboxes = await openTestSandboxes(folder.path);
  await makeSandboxFolder(tree, sandboxes.uid);
  sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  const workspace = { sandbox } as ToolContext['workspace'];
  context = { workspace, commandTimeoutMs: 10_000 } as ToolContext;
  // As a service is found: secrets in the environment, other processes of the same machine, open files, sockets.
  process.env.CANARY = canary;
  neighbour = spawn('sleep', ['600'], { env: { PATH: '/usr/bin:/bin', CANARY: canary }, stdio: 'ignore' });
  const listen = async (where: net.ListenOptions) => {
    const server = net.createServer((socket) => socket.end(canary));
    await new Promise<void>((resolve) => server.listen(where, resolve));
    listeners.push(server);
    return server;
  };
  port = ((await listen({ port: 0, host: '127.0.0.1' })).address() as AddressInfo).port;
  await listen({ path: path.join(folder.path, 'host.sock') });
});

afterAll(async () => {
  delete process.env.CANARY;
  neighbour.kill('SIGKILL');
  await sandbox.dispose();
  for (const server of listeners) await new Promise((resolve) => server.close(resolve));
  await folder.remove();
});

const run = (script: string, more: Partial<Command> = {}) =>
  sandbox.execute({ script, timeoutMs: 20_000, ...more });
const python = (program: string, ...args: string[]) =>
  run('exec /usr/bin/python3 -c "$@"', { args: [program, ...args] });
const edit = (input: Record<string, unknown>) => editFile.call(input, context);

describe('a command that looks around (19)', () => {
  test('finds no environment, command line or memory of anybody else', async () => {
    const { output } = await run(
      `cat /proc/*/environ /proc/*/cmdline /proc/*/task/*/environ /proc/self/auxv 2>&1 | tr '\\0' '\\n'
       for pid in /proc/[0-9]*; do cat $pid/maps; dd if=$pid/mem bs=1 count=1; done 2>/dev/null | strings
       env; set; cat /proc/1/root${'/'}etc/hostname /proc/1/cwd/* 2>&1; hostname; true`,
    );
    expect(output).not.toContain(canary);
    expect(output).not.toMatch(/ANTHROPIC|PRIVATE_KEY|node_modules|jest/);
  });

  test('finds no file of the host under any of its names', async () => {
    const names = [
      hostFile,
      `/proc/1/root${hostFile}`,
      `/proc/self/root${hostFile}`,
      `/workspace/..${hostFile}`,
      `/newroot${hostFile}`,
      `/oldroot${hostFile}`,
      `/proc/self/cwd/../../..${hostFile}`,
      '/etc/shadow',
      '/root/.bashrc',
      '/var/run/docker.sock',
      '/proc/kcore',
      '/sys/kernel/security',
    ];
    const { stdout } = await run(
      'for one in "$@"; do cat "$one" 2>/dev/null; done; ls /sys /root /var /srv /opt /mnt /media /boot 2>/dev/null; true',
      {
        args: names,
      },
    );
    expect(stdout).toBe('');
  });

  test('inherits no descriptor that this program was started with', async () => {
    const probe = `
      import { findPassage } from './dist/sandbox/process/namespace-wrapper.js';
      import { createBubblewrap } from './dist/sandbox/backends/bubblewrap.js';
      import { makeSandboxFolder } from './dist/sandbox/process/drop-rights.js';
      const [folder, tree] = process.argv.slice(1);
      const limits = { memoryBytes: 1e9, processes: 99, fileBytes: 1e6, tmpBytes: 1e6, diskBytes: 1e7, diskFiles: 99, outputBytes: 1e6, timeMs: 1e5 };
      const packages = { environment: {}, files: [] };
      const passage = await findPassage([folder]);
      const sandboxes = await createBubblewrap({ folder, limits, passage, toolPaths: [], cgroups: null, packages, egressProgram: '' });
      await makeSandboxFolder(tree, sandboxes.uid);
      const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
      const script = 'ls /proc/self/fd | tr "\\n" " "; for n in 3 4 5 6 7 8 9 250; do cat <&$n; done 2>/dev/null';
      process.stdout.write((await sandbox.execute({ script, timeoutMs: 10000 })).stdout);`;
    const inherited = path.join(folder.path, 'inherited');
    await mkdir(inherited);
    const output = execFileSync(
      'bash',
      [
        '-c',
        'exec 7< "$1" 9<> "$1" 250< "$1"; shift; exec "$@"',
        'bash',
        hostFile,
        process.execPath,
        ...['--input-type=module', '-e', probe, inherited, path.join(inherited, 'tree')],
      ],
      { cwd: path.join(import.meta.dirname, '..', '..'), env: { PATH: process.env.PATH } },
    ).toString();
    // The last is what ls itself opened.
    expect(output).toBe('0 1 2 3 ');
  });

  test('sees the processes of its own command only, by numbers of their own', async () => {
    const { stdout } = await run(
      'ls -d /proc/[0-9]* | wc -l; for pid in "$@"; do kill -0 $pid 2>/dev/null && cat /proc/$pid/comm; done; true',
      { args: [String(neighbour.pid), String(process.pid)] },
    );
    expect(Number(stdout.split('\n')[0])).toBeLessThan(8);
    expect(stdout).not.toMatch(/sleep|node/);
  });

  test('reads no start-up file that an earlier one left in its home', async () => {
    const home = path.join(folder.path, 'home');
    const sandboxes = await openTestSandboxes(folder.path);
    await makeSandboxFolder(home, sandboxes.uid);
    const living = sandboxes.open([
      { from: tree, to: '/workspace', writable: true },
      { from: home, to: '/home/agent', writable: true },
    ]);
    const plant =
      'for one in .bashrc .bash_profile .profile .bash_login .bash_env .inputrc; do echo "echo planted" > ~/$one; done';
    await living.execute({ script: plant, timeoutMs: 10_000 });
    expect((await living.execute({ script: 'echo fine', timeoutMs: 10_000 })).output).toBe('fine\n');
  });
});

describe('a file tool (19, 20)', () => {
  test('reads nothing that a command could not', async () => {
    await run(`ln -sf "$1" link; ln -sf /proc/1/environ environ; ln -sf "/proc/self/root$1" around`, {
      args: [hostFile],
    });
    const paths = [
      ...[
        hostFile,
        `..${hostFile}`,
        `/workspace/../../..${hostFile}`,
        '/proc/self/environ',
        '/proc/1/environ',
      ],
      ...[
        'link',
        'around',
        'environ',
        `/proc/self/root${hostFile}`,
        '/proc/self/fd/3',
        '/dev/fd/3',
        '/etc/shadow',
      ],
    ];
    for (const one of paths) {
      expect((await edit({ command: 'view', path: one })).text).not.toContain(canary);
      expect((await search.call({ pattern: 'canary-', path: one }, context)).text).not.toContain(canary);
      await edit({ command: 'str_replace', path: one, old_str: canary, new_str: 'taken' });
    }
    expect(await readFile(hostFile, 'utf8')).toBe(canary);
    await run('rm -f link around environ');
  });

  test('writes through no link to where a command could not: file, folder, dangling, or swapped in between', async () => {
    const target = path.join(folder.path, 'made-from-inside');
    await run(
      `ln -s "$1" dangling; ln -s "$2" outside; ln -s /etc/passwd passwd; ln -s /usr/bin tools; mkdir -p swap; true`,
      { args: [target, folder.path] },
    );
    for (const file of ['dangling', 'outside/x', 'passwd', 'tools/x', `../..${target}`, target])
      await edit({ command: 'create', path: file, file_text: 'from inside' });
    // Again and again another thing, while it is written to.
    const swapping = run(
      'for n in $(seq 60); do ln -sfn "$1" swap; rm -rf swap; mkdir swap; rm -rf swap; done; true',
      { args: [folder.path] },
    );
    for (let count = 0; count < 5; count += 1)
      await edit({ command: 'create', path: 'swap/made-from-inside', file_text: 'from inside' });
    await swapping;
    expect(existsSync(target)).toBe(false);
    expect(existsSync(path.join(folder.path, 'x'))).toBe(false);
    await run('rm -rf dangling outside passwd tools swap');
  });

  test('takes a name with NUL, one that is too long, or what is no file, for a mistake of the model', async () => {
    expect(await edit({ command: 'view', path: 'a\0b' })).toMatchObject({ ok: false });
    expect(await edit({ command: 'create', path: '\0/etc/passwd', file_text: 'x' })).toMatchObject({
      ok: false,
    });
    const searched = await search.call({ pattern: 'a\0b' }, context);
    expect(searched).toMatchObject({
      ok: false,
      text: 'Invalid input for search: NUL characters are not allowed',
    });
    await run(
      'mkfifo pipe; ln -s pipe to-pipe; /usr/bin/python3 -c "import socket; socket.socket(1).bind(\'sock\')"',
    );
    const started = Date.now();
    for (const name of ['pipe', 'to-pipe', 'sock', '/dev/zero', '/dev/stdin'])
      for (const command of ['view', 'create', 'str_replace'] as const)
        expect(await edit({ command, path: name, file_text: 'x', old_str: 'a' })).toMatchObject({
          ok: false,
        });
    await search.call({ pattern: 'x' }, context);
    const long = 'a'.repeat(140_000);
    expect(await search.call({ pattern: long }, context)).toMatchObject({ ok: false });
    expect(await edit({ command: 'view', path: long })).toMatchObject({ ok: false });
    expect(Date.now() - started).toBeLessThan(15_000);
    await run('rm -f pipe to-pipe sock');
  });

  test('cannot be led to a file of the host by a hard link or a link that the host follows', async () => {
    // The host's file system lets nobody link what is not theirs; what cannot be named cannot be linked.
    expect((await run('ln "$1" hard', { args: [hostFile] })).exitCode).not.toBe(0);
    expect((await run('ln /etc/passwd hard; ln /usr/bin/env hard')).exitCode).not.toBe(0);
    // Where one stands in the tree all the same, it is the operator's doing: it is shown, and nothing beyond it.
    await symlink(hostFile, path.join(tree, 'from-outside'));
    await link(path.join(tree, 'from-outside'), path.join(tree, 'linked'));
    expect((await edit({ command: 'view', path: 'linked' })).text).not.toContain(canary);
    await run('rm -f from-outside linked hard');
  });
});

describe('the network (21)', () => {
  test('leads nowhere: no loopback of the host, no metadata address, no name, no IPv6, no socket of any kind', async () => {
    const { stdout } = await python(
      `
import socket, sys
def reach(family, kind, address):
    try:
        s = socket.socket(family, kind); s.settimeout(1)
        if kind == socket.SOCK_DGRAM:
            s.sendto(b'x', address); print('sent', address)
        else:
            s.connect(address); print('reached', address, s.recv(99))
    except Exception: pass
port, unix = int(sys.argv[1]), sys.argv[2]
for host in ['127.0.0.1', '0.0.0.0', '169.254.169.254', '10.0.0.1', '192.0.2.1', '1.1.1.1']:
    reach(socket.AF_INET, socket.SOCK_STREAM, (host, port if host[0] in '10' else 80))
    if not host.startswith('127') and host != '0.0.0.0': reach(socket.AF_INET, socket.SOCK_DGRAM, (host, 53))
for host in ['::1', '::ffff:127.0.0.1', 'fe80::1', '2001:4860:4860::8888']:
    reach(socket.AF_INET6, socket.SOCK_STREAM, (host, port))
for address in [unix, '\\0' + unix, '\\0/tmp/dbus', '/run/dbus/system_bus_socket', '/var/run/docker.sock', '/run/systemd/notify']:
    reach(socket.AF_UNIX, socket.SOCK_STREAM, address)
for family, address in [(40, (2, 1024)), (40, (1, 1))]:
    reach(family, socket.SOCK_STREAM, address)
for family in [4, 5, 9, 17, 21, 29, 31, 38, 39, 41, 43, 44, 45]:
    try: socket.socket(family, socket.SOCK_RAW if family == 17 else socket.SOCK_SEQPACKET); print('opened', family)
    except OSError: pass
try: socket.socket(2, socket.SOCK_RAW, 1); print('raw')
except OSError: pass
try: print(socket.getaddrinfo('example.com', 80))
except OSError: pass
`,
      String(port),
      path.join(folder.path, 'host.sock'),
    );
    expect(stdout).toBe('');
  });

  test('of one command is not that of another: nothing listens for the next one', async () => {
    const first = python(
      "import socket, time\ns = socket.socket(); s.bind(('127.0.0.1', 4444)); s.listen()\nu = socket.socket(1); u.bind('\\0meet'); u.listen()\nopen('up', 'w').close(); time.sleep(2)",
    );
    const second = await run(
      'until [ -e up ]; do sleep 0.05; done; (echo > /dev/tcp/127.0.0.1/4444) 2>/dev/null && echo met; /usr/bin/python3 -c "import socket; socket.socket(1).connect(chr(0) + \'meet\')" 2>/dev/null && echo met; true',
    );
    expect(second.stdout).toBe('');
    await first;
    await run('rm -f up');
  });
});

describe('the kernel (23)', () => {
  test('refuses what only an attacker asks for', async () => {
    // Numbers of x86-64 and of arm64, as they stand in asm/unistd.h.
    const calls: Record<string, [number, number]> = {
      ...{
        ptrace: [101, 117],
        process_vm_readv: [310, 270],
        mount: [165, 40],
        umount2: [166, 39],
        pivot_root: [155, 41],
      },
      ...{
        chroot: [161, 51],
        setns: [308, 268],
        unshare: [272, 97],
        open_tree: [428, 428],
        fsopen: [430, 430],
      },
      ...{ mount_setattr: [442, 442], kexec_load: [246, 104], bpf: [321, 280], perf_event_open: [298, 241] },
      ...{ userfaultfd: [323, 282], io_uring_setup: [425, 425], keyctl: [250, 219], add_key: [248, 217] },
      ...{ open_by_handle_at: [304, 265], clone3: [435, 435], memfd_create: [319, 279], syslog: [103, 116] },
      ...{ pidfd_getfd: [438, 438], fanotify_init: [300, 262], process_madvise: [440, 440] },
    };
    const column = process.arch === 'arm64' ? 1 : 0;
    const numbers = Object.entries(calls).map(([name, both]) => `${name}=${both[column]}`);
    const { stdout } = await python(
      `
import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
for one in sys.argv[1:]:
    name, number = one.split('=')
    answer = libc.syscall(int(number), 0, 0, 0, 0, 0)
    if answer != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS): print(name, answer, ctypes.get_errno())
for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
    answer = libc.syscall(${column === 1 ? 220 : 56}, flag | 17, 0, 0, 0, 0)
    if answer == 0: libc._exit(0)
    if answer != -1: print('clone', hex(flag))
if libc.shmget(0, 1 << 30, 0o1600) != -1: print('shmget')
if libc.shmget(0, 56, 0o1600) == -1: print('small shmget refused')
if libc.semget(0, 250, 0o1600) != -1: print('semget')
if libc.semget(0, 17, 0o1600) == -1: print('small semget refused')
if libc.msgget(0, 0o1600) != -1: print('msgget')
`,
      ...numbers,
    );
    expect(stdout).toBe('');
  });

  test('lets nobody type into a terminal', async () => {
    const { stdout } = await python(
      `
import fcntl, os, pty, termios
for request in (termios.TIOCSTI, 0x541C):
    controller, terminal = pty.openpty()
    for upper in (0, 1 << 32):
        try: fcntl.ioctl(terminal, request, b'x'); print('typed')
        except OSError: pass
try: os.open('/dev/tty', os.O_RDWR); print('has a terminal')
except OSError: pass
`,
    );
    expect(stdout).toBe('');
  });

  test('gives no rights by files: set-user-id, capabilities, devices, other users, mounts that were read-only', async () => {
    const { stdout } = await run(
      `cp /usr/bin/id mine; chmod 6755 mine; ./mine -u; mknod null c 1 3 2>/dev/null && echo device; mknod disk b 254 0 2>/dev/null && echo device
       chown 0:0 mine 2>/dev/null && echo chown; for one in /usr/bin/su /usr/bin/mount /usr/bin/passwd; do [ -u $one ] && $one --help > /dev/null 2>&1; done
       for one in /usr/x /etc/x /x /run/x /dev/x /home/x /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/kernel/ns_last_pid; do (echo x > $one) 2>/dev/null && echo "wrote $one"; done
       mount -o remount,rw /usr 2>/dev/null && echo remounted; grep -E '^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status /proc/1/status | tr -s '\\t' ' '; rm -f mine`,
    );
    const facts = [
      'CapPrm: 0000000000000000',
      'CapEff: 0000000000000000',
      'CapBnd: 0000000000000000',
      'CapAmb: 0000000000000000',
      'NoNewPrivs: 1',
      'Seccomp: 2',
    ];
    expect(stdout.trim().split('\n')).toEqual([
      '1000',
      ...['self', '1'].flatMap((who) => facts.map((fact) => `/proc/${who}/status:${fact}`)),
    ]);
  });

  test('lets a command kill everything that it sees, and that is itself', async () => {
    const beside = run('sleep 1; echo still here');
    expect(await run('kill -9 -1; kill -9 1; kill -TERM 0; killall5 -9; true')).toMatchObject({
      ended: 'exited',
    });
    expect((await beside).stdout).toBe('still here\n');
    expect(neighbour.exitCode).toBeNull();
    expect((await run('echo fine')).stdout).toBe('fine\n');
  });

  test('cannot be kept from starting the next command by what one closed to itself', async () => {
    await run('chmod 000 /workspace');
    expect((await run('pwd; touch x && rm x')).output).toBe('/workspace\n');
  });
});
