import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { runProcess } from '../../../src/sandbox/process/run-process.js';

const megabyte = 1024 * 1024;

test('a program that cannot be started for lack of descriptors rejects that call only', () => {
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

test.each([
  ['TERM', 143],
  ['KILL', 137],
])('a program that SIG%s ends has the exit code that a shell reports: %i', async (signal, exitCode) => {
  const result = await runProcess(
    ['/bin/bash', '-c', `kill -${signal} $$`],
    {},
    { timeoutMs: 30_000, maxOutputBytes: 1000 },
  );
  expect(result).toMatchObject({ ended: 'exited', exitCode });
});

test('output that is written byte by byte takes no more memory than other output', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heapUsed = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heapUsed();
  // The pause between two bytes makes this process read each byte separately.
  const program = `import os, time
for n in range(60000):
  os.write(1, b"x"); end = time.perf_counter() + 10e-6
  while time.perf_counter() < end: pass
os.write(2, b"y"); time.sleep(2.5)`;
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, heapUsed());
    // Collecting garbage takes longer than the reads between two samples.
  }, 1000);
  const result = await runProcess(
    ['/usr/bin/python3', '-c', program],
    {},
    { timeoutMs: 110_000, maxOutputBytes: megabyte },
  );
  clearInterval(sampling);
  expect(result.output).toHaveLength(60_001);
  expect(most - before).toBeLessThan(2 * megabyte);
});
