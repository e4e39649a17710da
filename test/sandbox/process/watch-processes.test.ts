import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openDiskAccount } from '../../../src/sandbox/limits/disk-account.js';
import { measureOwnMemory, measureProcesses } from '../../../src/sandbox/limits/measure-processes.js';
import { runProcess } from '../../../src/sandbox/process/run-process.js';
import { watchProcesses } from '../../../src/sandbox/process/watch-processes.js';
import { type Disk, mountDisk } from '../../support/mount-disk.js';

const megabyte = 1024 * 1024;
let started: ChildProcess | undefined;
let disk: Disk | null = null;

afterEach(async () => {
  await disk?.remove();
  disk = null;
  if (!started?.pid) return;
  const gone = new Promise((resolve) => started?.once('close', resolve));
  process.kill(-started.pid, 'SIGKILL');
  await gone;
  started = undefined;
});

/** Starts a program in a process group of its own, up to where it prints something. */
async function python(program: string): Promise<number> {
  started = spawn('/usr/bin/python3', ['-c', program], { detached: true });
  await new Promise((resolve) => started?.stdout?.once('data', resolve));
  return started.pid ?? 0;
}

/** How often everything else in this process had its turn, while this was done. */
async function countTurns(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  let turns = 0;
  const over = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  await over;
  return turns;
}

describe('looking after a command', () => {
  test('that cannot be measured ends it, and nothing else', async () => {
    const limits = { memoryBytes: megabyte * megabyte, processes: 1e6 };
    const reached = await new Promise((resolve) => {
      const end = watchProcesses(limits, () => {
        throw new Error('EMFILE: too many open files');
      })(process.pid, (limit) => {
        end();
        resolve(limit);
      });
    });
    expect(reached).toBe('not-measured');
  });

  test('of many processes that share much memory keeps nothing else from its turn', async () => {
    const pid = await python(
      'import mmap, os, time\nm = mmap.mmap(-1, 20 << 20)\nfor at in range(0, 20 << 20, 4096): m[at] = 1\nfor n in range(40):\n  if os.fork() == 0: time.sleep(100)\nprint("up", flush=True); time.sleep(100)',
    );
    const use = await measureProcesses(pid);
    expect(use.pids).toHaveLength(41);
    expect(await countTurns(measureOwnMemory(use, Number.POSITIVE_INFINITY))).toBeGreaterThan(40);
    expect(await measureOwnMemory(use, Number.POSITIVE_INFINITY)).toBeGreaterThan(20 * megabyte);
  });

  test('with more descriptors than can be looked at holds it to what became taken on the disk', async () => {
    disk = await mountDisk(16);
    if (!disk) return console.log('skipped: no disk can be mounted here');
    const tree = path.join(disk.path, 'tree');
    await mkdir(tree);
    const pid = await python(
      'import os, time\nfor n in range(2500): os.dup(0)\nfor n in range(9):\n  if os.fork() == 0: time.sleep(100)\nprint("up", flush=True); time.sleep(100)',
    );
    const account = openDiskAccount([{ from: tree, to: '/workspace', writable: true }], {
      diskBytes: megabyte,
      diskFiles: 1000,
    });
    expect(await account.isFull()).toBe(false);
    // Nowhere in its folders, and in none of its descriptors: who would look at all of them would find nothing.
    await writeFile(path.join(disk.path, 'elsewhere'), Buffer.alloc(2 * megabyte));
    const reached = await new Promise((resolve) => {
      const end = account.watch(pid, (limit) => {
        end();
        resolve(limit);
      });
    });
    expect(reached).toBe('disk-limit');
  });
});

test('a program that cannot be started for want of descriptors is an error of that call', () => {
  const probe = `
    import { openSync } from 'node:fs';
    import { startEgressProcess } from './dist/sandbox/egress/egress-process.js';
    import { runProcess } from './dist/sandbox/process/run-process.js';
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    const limits = { timeoutMs: 1000, maxOutputBytes: 1000 };
    const tries = [runProcess(['true'], {}, limits), startEgressProcess('x', '/x', [])];
    console.log((await Promise.allSettled(tries)).map(({ reason }) => reason.code).join(' '));`;
  const argv = [
    '-c',
    'ulimit -n 64; exec "$@"',
    'bash',
    process.execPath,
    '--input-type=module',
    '-e',
    probe,
  ];
  expect(execFileSync('bash', argv).toString()).toBe('EMFILE EMFILE\n');
});

test('an output that is written byte by byte takes no more memory than another', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = held();
  // Each byte is read for itself: the next one comes only a moment later.
  const program = `import os, time
for n in range(60000):
  os.write(1, b"x"); end = time.perf_counter() + 10e-6
  while time.perf_counter() < end: pass
os.write(2, b"y"); time.sleep(1)`;
  let most = 0;
  const looking = setInterval(() => {
    most = Math.max(most, held());
  }, 200);
  const result = await runProcess(
    ['/usr/bin/python3', '-c', program],
    {},
    { timeoutMs: 30_000, maxOutputBytes: megabyte },
  );
  clearInterval(looking);
  expect(result.output).toHaveLength(60_001);
  expect(most - before).toBeLessThan(2 * megabyte);
});
