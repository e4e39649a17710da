import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type IsolatedSandbox, openIsolatedSandbox } from './open-isolated-sandbox.js';

let host: IsolatedSandbox;

beforeAll(async () => {
  host = await openIsolatedSandbox();
});

afterAll(() => host.close());

const run: IsolatedSandbox['run'] = (script, more) => host.run(script, more);
const python: IsolatedSandbox['python'] = (program, ...args) => host.python(program, ...args);

describe('the network of a command (21)', () => {
  test('a command reaches no loopback, no metadata address, no IPv6 and no other socket', async () => {
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
      String(host.port),
      host.hostSocket,
    );
    expect(stdout).toBe('');
  });

  test('a command cannot connect to a listener of another command', async () => {
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

describe('the kernel interface of a command (23)', () => {
  test('the kernel refuses system calls that only an attacker needs', async () => {
    // The numbers for x86-64 and arm64, from asm/unistd.h.
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

  test('a command cannot insert input into a terminal', async () => {
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

  test('a command gains no rights by set-user-id files, devices, other users or remounts', async () => {
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

  test('a command that kills every process kills only its own', async () => {
    const beside = run('sleep 1; echo still here');
    expect(await run('kill -9 -1; kill -9 1; kill -TERM 0; killall5 -9; true')).toMatchObject({
      ended: 'exited',
    });
    expect((await beside).stdout).toBe('still here\n');
    expect(host.neighbor.exitCode).toBeNull();
    expect((await run('echo fine')).stdout).toBe('fine\n');
  });

  test('a command that closes the workspace (chmod 000) does not stop the next one', async () => {
    await run('chmod 000 /workspace');
    expect((await run('pwd; touch x && rm x')).output).toBe('/workspace\n');
  });
});
