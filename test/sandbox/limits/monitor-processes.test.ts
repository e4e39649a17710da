import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openDiskQuota } from '../../../src/sandbox/limits/disk-quota.js';
import { measureOwnMemory, measureProcesses } from '../../../src/sandbox/limits/measure-processes.js';
import { monitorProcesses } from '../../../src/sandbox/limits/monitor-processes.js';
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

/** Starts a program in a process group of its own, and waits until it prints something. */
async function python(program: string): Promise<number> {
  started = spawn('/usr/bin/python3', ['-c', program], { detached: true });
  await new Promise((resolve) => started?.stdout?.once('data', resolve));
  return started.pid ?? 0;
}

/** Counts how often the event loop turned while `work` was done. */
async function countTurns(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  let turns = 0;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  await done;
  return turns;
}

describe('monitoring a command', () => {
  test('a command that cannot be measured is reported as `not-measured`', async () => {
    const limits = { memoryBytes: megabyte * megabyte, processes: 1e6 };
    const reached = await new Promise((resolve) => {
      const end = monitorProcesses(limits, () => {
        throw new Error('EMFILE: too many open files');
      })(process.pid, (limit) => {
        end();
        resolve(limit);
      });
    });
    expect(reached).toBe('not-measured');
  });

  test('processes that started before the command are found, and need not be read again', async () => {
    const pid = await python('import os, time\nos.fork()\nprint("ready", flush=True)\ntime.sleep(100)');
    const full = await measureProcesses(pid);
    const { older } = full;
    expect(full).toMatchObject({ tasks: 2 });
    expect(older.has(process.pid)).toBe(true);
    expect(full.pids.filter((one) => older.has(one))).toEqual([]);
    expect(await measureProcesses(pid, older)).toMatchObject({ pids: full.pids, tasks: 2 });
  });

  test('measuring many processes that share much memory does not block the event loop', async () => {
    const pid = await python(
      'import mmap, os, time\nm = mmap.mmap(-1, 20 << 20)\nfor at in range(0, 20 << 20, 4096): m[at] = 1\nfor n in range(40):\n  if os.fork() == 0: time.sleep(100)\nprint("up", flush=True); time.sleep(100)',
    );
    const use = await measureProcesses(pid);
    expect(use.pids).toHaveLength(41);
    expect(await countTurns(measureOwnMemory(use, Number.POSITIVE_INFINITY))).toBeGreaterThan(40);
    expect(await measureOwnMemory(use, Number.POSITIVE_INFINITY)).toBeGreaterThan(20 * megabyte);
  });

  test('a command with too many descriptors is limited by the growth of the file system', async () => {
    disk = await mountDisk(16);
    if (!disk) return console.log('skipped: no disk can be mounted here');
    const tree = path.join(disk.path, 'tree');
    await mkdir(tree);
    const pid = await python(
      'import os, time\nfor n in range(2500): os.dup(0)\nfor n in range(9):\n  if os.fork() == 0: time.sleep(100)\nprint("up", flush=True); time.sleep(100)',
    );
    const quota = openDiskQuota([tree], {
      diskBytes: megabyte,
      diskFiles: 1000,
    });
    expect(await quota.isExceeded()).toBe(false);
    // This file is in none of its folders and none of its descriptors, so only the growth shows.
    await writeFile(path.join(disk.path, 'elsewhere'), Buffer.alloc(2 * megabyte));
    const reached = await new Promise((resolve) => {
      const end = quota.monitor(pid, (limit) => {
        end();
        resolve(limit);
      });
    });
    expect(reached).toBe('disk-limit');
  });

  test('growth is found within seconds, although other programs delete as much at the same time', async () => {
    disk = await mountDisk(16);
    if (!disk) return console.log('skipped: no disk can be mounted here');
    const tree = path.join(disk.path, 'tree');
    await mkdir(tree);
    const elsewhere = path.join(disk.path, 'elsewhere');
    await writeFile(elsewhere, Buffer.alloc(4 * megabyte));
    const pid = await python('import time\nprint("up", flush=True); time.sleep(100)');
    const quota = openDiskQuota([tree], {
      diskBytes: megabyte,
      diskFiles: 1000,
    });
    expect(await quota.isExceeded()).toBe(false);
    await rm(elsewhere);
    await writeFile(path.join(tree, 'large'), Buffer.alloc(2 * megabyte));
    const startedAt = performance.now();
    const reached = await new Promise((resolve) => {
      const end = quota.monitor(pid, (limit) => {
        end();
        resolve(limit);
      });
    });
    expect(reached).toBe('disk-limit');
    // The growth of the file system alone would hide the file until the next count.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});
