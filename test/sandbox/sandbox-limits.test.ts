import { readdir, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Command, makeSandboxFolder, removeFolder, type Sandbox } from '../../src/sandbox/sandbox.js';
import { findProcesses } from '../support/find-processes.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const megabyte = 1024 * 1024;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let tree: string;
let sandbox: Sandbox;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  tree = path.join(folder.path, 'tree');
  const sandboxes = await openTestSandboxes(folder.path, 100, [], {
    memoryBytes: 300 * megabyte,
    diskBytes: 150 * megabyte,
    diskFiles: 20_000,
    outputBytes: 4 * megabyte,
  });
  await makeSandboxFolder(tree, sandboxes.uid);
  sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
});

/** Only the processes of this test file have this word on their command line. */
const word = `limits-${process.pid}`;

afterEach(async () => {
  // No process survives, and the next command works.
  expect(await findProcesses(word)).toEqual([]);
  expect(await run('echo fine > x && cat x && rm x')).toMatchObject({ exitCode: 0, output: 'fine\n' });
});

afterAll(async () => {
  await sandbox.dispose();
  await folder.remove();
});

const run = (script: string, more: Partial<Command> = {}) =>
  sandbox.execute({ script: `: ${word}\n${script}`, timeoutMs: 30_000, ...more });
const python = (program: string, more: Partial<Command> = {}) =>
  run('exec /usr/bin/python3 -c "$@"', { args: [`'${word}'\n${program}`], ...more });

describe('processes and threads (22)', () => {
  test.each([
    ['a fork bomb', 'f() { f | f & }; f; sleep 100'],
    [
      'a fork bomb that leaves its session',
      'f() { setsid bash -c "$1" bash "$1" & }; export -f f; s=": $0; for i in 1 2; do setsid bash -c \\"\\$1\\" bash \\"\\$1\\" & done; sleep 100"; setsid bash -c "$s" bash "$s"; sleep 100',
    ],
    ['many idle processes', 'for n in $(seq 300); do sleep 100 & done; wait'],
  ])('%s: all processes are killed', async (_, script) => {
    const result = await run(script);
    expect(result).toMatchObject({ ended: 'process-limit', exitCode: null });
  });

  test('threads count as processes', async () => {
    const result = await python(
      'import threading, time\nthreading.stack_size(262144)\nfor n in range(150): threading.Thread(target=time.sleep, args=(100,), daemon=True).start()\ntime.sleep(100)',
    );
    expect(result.ended).toBe('process-limit');
  });

  test('a fork bomb in one sandbox does not keep another sandbox from working', async () => {
    const other = sandbox;
    const [bomb, beside] = await Promise.all([
      run('f() { f | f & }; f; sleep 100'),
      other.execute({
        script: 'for n in $(seq 40); do /bin/true || echo failed; done; echo fine',
        timeoutMs: 30_000,
      }),
    ]);
    expect(bomb.ended).toBe('process-limit');
    // bash may report on standard error that it waits for room, until the bomb is killed.
    expect(beside).toMatchObject({ exitCode: 0, stdout: 'fine\n' });
  });

  test('a command throws SandboxBusyError when its user has too many processes to start it', async () => {
    const stop = new AbortController();
    const many = run('for n in $(seq 20); do sleep 100.77 & done; wait', { signal: stop.signal });
    while ((await findProcesses('sleep\u0000100.77')).length < 20) await pause(20);
    const own = await createTemporaryFolder();
    // This allows four processes to the user, who has twenty already.
    const small = (await openTestSandboxes(own.path, 1)).open([]);
    await expect(small.execute({ script: 'echo started', timeoutMs: 30_000 })).rejects.toMatchObject({
      name: 'SandboxBusyError',
      reason: 'the server has no room for another process',
      retryAfterMs: 2000,
    });
    stop.abort();
    expect((await many).ended).toBe('stopped');
    await small.dispose();
    await own.remove();
  });

  test('a daemon is killed with the command that started it, however it detached', async () => {
    const result = await python(
      `
import os, signal, subprocess, sys, time
for sig in range(1, 32):
    try: signal.signal(sig, signal.SIG_IGN)
    except (OSError, ValueError): pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        # It keeps its output open and never ends.
        while True: time.sleep(1)
    os._exit(0)
subprocess.Popen(['setsid', 'nohup', 'sleep', '4321'], stdout=subprocess.DEVNULL)
print('done')
`,
    );
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0, stdout: 'done\n' });
  });

  test.each([
    ['never ends', 'while :; do :; done'],
    ['ignores every signal', 'trap "" TERM INT HUP QUIT PIPE; while :; do sleep 1; done'],
    ['stops itself', 'kill -STOP $$; sleep 100'],
    ['waits for input that never comes', 'mkfifo pipe; cat pipe'],
    ['closed its output', 'exec > /dev/null 2>&1 < /dev/null; sleep 100'],
  ])('a command that %s is killed at its timeout', async (_, script) => {
    const result = await run(script, { timeoutMs: 500 });
    expect(result).toMatchObject({ ended: 'timeout', exitCode: null });
    await run('rm -f pipe');
  });

  test('a command that is aborted while it starts leaves no process behind', async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const stopping = new AbortController();
        const running = run('sleep 4322', { signal: stopping.signal });
        await pause(index * 5);
        stopping.abort();
        return running;
      }),
    );
    expect(results.every(({ ended }) => ended === 'stopped')).toBe(true);
    expect(await findProcesses('sleep 4322')).toEqual([]);
  });
});

describe('memory (22)', () => {
  test('a single process that takes too much memory fails', async () => {
    expect((await python('b = bytearray(1 << 30)')).output).toContain('MemoryError');
  });

  test.each([
    [
      'many small processes',
      'import os, time\nfor n in range(12):\n  if os.fork() == 0:\n    b = bytearray(b"x" * (50 << 20)); time.sleep(100)\ntime.sleep(100)',
    ],
    [
      'shared memory',
      'import mmap, os, time\nm = [mmap.mmap(-1, 100 << 20) for _ in range(8)]\nfor one in m:\n  for at in range(0, 100 << 20, 4096): one[at] = 1\ntime.sleep(100)',
    ],
    [
      'a process whose first thread has ended',
      'import ctypes, mmap, threading, time\ndef grow():\n  time.sleep(0.3)\n  m = [mmap.mmap(-1, 100 << 20) for _ in range(8)]\n  for one in m:\n    for at in range(0, 100 << 20, 4096): one[at] = 1\n  time.sleep(100)\nthreading.Thread(target=grow).start()\nctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[__import__("platform").machine()], 0)',
    ],
    [
      'processes that are not dumpable',
      'import ctypes, os, time\nctypes.CDLL(None).prctl(4, 0)\nfor n in range(12):\n  if os.fork() == 0:\n    b = bytearray(b"x" * (50 << 20)); time.sleep(100)\ntime.sleep(100)',
    ],
  ])('memory of all processes counts together: %s', async (_, program) => {
    const result = await python(program);
    expect(result).toMatchObject({ ended: 'memory-limit', exitCode: null });
  });

  test('memory that several processes share counts once', async () => {
    const program =
      'import mmap, os, time\nm = mmap.mmap(-1, 150 << 20)\nfor at in range(0, 150 << 20, 4096): m[at] = 1\nchildren = []\nfor n in range(6):\n  child = os.fork()\n  if child == 0:\n    sum(m[at] for at in range(0, 150 << 20, 4096)); time.sleep(1); os._exit(0)\n  children.append(child)\nfor child in children: os.waitpid(child, 0)\nprint("fine")';
    expect(await python(program)).toMatchObject({ ended: 'exited', stdout: 'fine\n' });
  });

  test('/dev/shm and /tmp are limited in size and in number of files', async () => {
    const { stdout } = await run(
      `for place in /dev/shm /tmp; do head -c 100000000 /dev/zero > $place/big 2>/dev/null && echo "$place took it all"; [ $(stat -c %s $place/big) -le ${64 * megabyte} ] || echo too much; done; true`,
    );
    expect(stdout).toBe('');
    const flood = await run(
      'cd /tmp && i=0; while mkdir -p d$i && (cd d$i && touch $(seq 1 20000)); do i=$((i+1)); done',
      { timeoutMs: 60_000 },
    );
    expect(flood.ended).toBe('disk-limit');
  });
});

describe('disk (22)', () => {
  afterEach(() => run('find . -mindepth 1 -delete 2>/dev/null; rm -rf ./*; true', { timeoutMs: 60_000 }));

  const held = async () => {
    let blocks = 0;
    for (const name of await readdir(tree)) blocks += (await stat(path.join(tree, name))).blocks;
    return blocks * 512;
  };

  test.each([
    [
      'one large file after another',
      'for n in $(seq 100); do head -c 50000000 /dev/zero > f$n || exit; sleep 0.02; done; sleep 100',
    ],
    ['many small files', 'i=0; while mkdir d$i && (cd d$i && touch $(seq 1 2000)); do i=$((i+1)); done'],
    [
      'unlinked files that stay open',
      'exec 5> gone; rm gone; for n in 1 2 3 4; do exec {f}> gone$n; rm gone$n; head -c 60000000 /dev/zero >&$f; done; sleep 100',
    ],
  ])(
    'a command that fills the disk with %s is killed, and the next one can delete files',
    async (_, script) => {
      const result = await run(script);
      expect(result).toMatchObject({ ended: 'disk-limit', exitCode: null });
      expect(await held()).toBeLessThan(1000 * megabyte);
      // Above the quota, commands can delete files but not write to them.
      if ((await held()) > 150 * megabyte) {
        const more = await run('head -c 1000000 /dev/zero > more; stat -c %s more; rm f1 && echo removed');
        expect(more.stdout).toBe('0\nremoved\n');
      }
    },
  );

  test('a sparse file takes no disk space, and its size is limited', async () => {
    const { output, ended } = await run(
      "truncate -s 1T huge || /usr/bin/python3 -c \"open('h','w').truncate(1<<40)\" || truncate -s 60M small && ls",
    );
    expect(ended).toBe('exited');
    expect(output).toContain('small');
    expect(await held()).toBeLessThan(megabyte);
  });

  test('removeFolder removes folders that are deeper than any path', async () => {
    const deep = path.join(folder.path, 'deep');
    const sandboxes = await openTestSandboxes(folder.path);
    await makeSandboxFolder(deep, sandboxes.uid);
    const digger = sandboxes.open([{ from: deep, to: '/workspace', writable: true }]);
    const program =
      'import os\nfor n in range(3000):\n  os.mkdir("d" * 20); os.chdir("d" * 20)\nopen("x", "w").close(); os.chmod(".", 0)';
    expect(
      (await digger.execute({ script: 'exec /usr/bin/python3 -c "$1"', args: [program], timeoutMs: 20_000 }))
        .exitCode,
    ).toBe(0);
    await removeFolder(deep);
    expect(await readdir(folder.path)).not.toContain('deep');
  });

  test('removeFolder removes a dangling link, and accepts that nothing is there', async () => {
    const link = path.join(folder.path, 'link');
    await symlink('/nowhere', link);
    await removeFolder(link);
    expect(await readdir(folder.path)).not.toContain('link');
    await removeFolder(link);
    await removeFolder(path.join(link, 'below'));
  });
});

describe('output (22)', () => {
  test.each([
    ['ten gigabytes', 'head -c 10G /dev/zero'],
    ['an endless line', "yes | tr -d '\\n'"],
    ['both streams at once', 'yes & yes >&2'],
  ])('a command that prints %s is killed', async (_, script) => {
    const result = await run(script);
    expect(result.ended).toBe('output-limit');
    expect(result.output.length).toBeLessThanOrEqual(4 * megabyte);
  });

  test('output of any bytes becomes text that Postgres and JSON accept', async () => {
    const { stdout } = await run("printf 'a\\0b\\xff\\xfe\\xed\\xa0\\x80\\033]0;title\\007\\033[2J'");
    expect(stdout).not.toContain('\0');
    expect(stdout.isWellFormed()).toBe(true);
    expect(stdout).toMatch(/^a\uFFFDb/);
  });

  test('a child that keeps the output open does not delay the result', async () => {
    const result = await run('sleep 4323 & echo done');
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0, stdout: 'done\n' });
  });
});

test('commands have a lower priority than everything else on the machine', async () => {
  expect((await run('nice; nice -n -5 nice 2>/dev/null')).stdout).toBe('10\n10\n');
});

test('the kernel kills commands first when memory runs out', async () => {
  const { stdout } = await run(
    'cat /proc/self/oom_score_adj /proc/1/oom_score_adj; echo -1000 > /proc/self/oom_score_adj; cat /proc/self/oom_score_adj',
  );
  expect(stdout).toBe('1000\n1000\n1000\n');
});
