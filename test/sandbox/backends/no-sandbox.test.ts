import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createNoSandbox } from '../../../src/sandbox/backends/no-sandbox.js';
import {
  type Command,
  findNamespaceWrapper,
  makeSandboxFolder,
  type Sandbox,
  testSandbox,
} from '../../../src/sandbox/sandbox.js';
import { findProcesses } from '../../support/find-processes.js';
import { startDialogue } from '../../support/start-dialogue.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

const megabyte = 1024 * 1024;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandbox: Sandbox;
let warning: string | null;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const sandboxes = await createNoSandbox({
    folder: path.join(folder.path, 'sandbox'),
    limits: {
      memoryBytes: 512 * megabyte,
      processes: 100,
      fileBytes: 64 * megabyte,
      tmpBytes: 64 * megabyte,
      diskBytes: 256 * megabyte,
      diskFiles: 10_000,
      outputBytes: 4 * megabyte,
      timeMs: 60_000,
    },
    wrapper: await findNamespaceWrapper([folder.path]),
    toolPaths: [],
    packages: { environment: {}, files: [] },
    egressProgram: '',
  });
  ({ warning } = sandboxes);
  await testSandbox(sandboxes, path.join(folder.path, 'sandbox'));
  const mounts = [];
  for (const [name, to] of [
    ['tree', '/workspace'],
    ['home', '/home/agent'],
  ] as const) {
    await makeSandboxFolder(path.join(folder.path, name), sandboxes.uid);
    mounts.push({ from: path.join(folder.path, name), to, writable: true });
  }
  sandbox = sandboxes.open(mounts);
  process.env.CANARY = 'canary-in-the-environment';
});

afterAll(async () => {
  delete process.env.CANARY;
  await sandbox.dispose();
  await folder.remove();
});

const run = (script: string, more: Partial<Command> = {}) =>
  sandbox.execute({ script, timeoutMs: 10_000, ...more });

describe('the backend `none`', () => {
  test('the backend warns people', () => {
    expect(warning).toMatch(/without a sandbox/);
  });

  test('commands find the paths of a sandbox, and print them', async () => {
    const result = await run(
      'pwd; echo hello > /workspace/a.txt; cat "$1" "/tmp/../workspace/a.txt" 2>/dev/null; echo $HOME $TMPDIR; touch ~/x /tmp/y; ls /home/agent /tmp; cat; [ -e /workspace ] && echo "it is there"',
      { args: ['/workspace/a.txt'], stdin: '/workspace' },
    );
    expect(result.stdout).toBe(
      '/workspace\nhello\n/home/agent /tmp\n/home/agent:\nx\n\n/tmp:\ny\n/workspaceit is there\n',
    );
    expect(await readdir(path.join(folder.path, 'sandbox'))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^command-/)]),
    );
  });

  test('a dialogue uses the paths of a sandbox, too', async () => {
    const script = 'read -r file; cat "$file"; echo "$file"; sleep 4332';
    await run('echo hello > b.txt');
    const { send, next, execution } = await startDialogue(sandbox, { script, timeoutMs: 3000 });
    send('/workspace/b.txt');
    expect([await next(), await next()]).toEqual(['hello', '/workspace/b.txt']);
    expect((await execution).ended).toBe('timeout');
    expect(await findProcesses('sleep 4332')).toEqual([]);
  });

  test('a script and arguments may be longer than the kernel accepts as an argument', async () => {
    const long = 'a'.repeat(300_000);
    const script = `x=${long}; echo \${#x} \${#1} "$2"; ls /proc/self/fd | tr '\\n' ' '`;
    const result = await run(script, { args: [long, '/workspace'], stdin: '' });
    expect(result).toMatchObject({ exitCode: 0, stderr: '', stdout: '300000 300000 /workspace\n0 1 2 3 ' });
  });

  test('commands have a clean environment, no rights of root and no inherited descriptors', async () => {
    const { stdout } = await run(
      'env; id -u; grep -E "^(CapEff|NoNewPrivs)" /proc/self/status; ls /proc/self/fd | wc -l',
    );
    expect(stdout).not.toMatch(/canary/);
    expect(stdout).toMatch(/CapEff:\t0+\nNoNewPrivs:\t1/);
    if (process.getuid?.() === 0) expect(stdout).toMatch(/^64001$/m);
  });

  test('all processes of a command are killed with it, including orphans and other sessions', async () => {
    const script =
      'sleep 4331 & setsid sleep 4331 & (setsid setsid nohup sleep 4331 > /dev/null 2>&1 &); sleep 0.3';
    expect(await run(`${script}; echo done`)).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(await run(`${script}; sleep 4331`, { timeoutMs: 1000 })).toMatchObject({ ended: 'timeout' });
    expect(await findProcesses('sleep 4331')).toEqual([]);
  });

  test.each([
    ['process-limit', 'for n in $(seq 300); do sleep 100 & done; wait'],
    ['output-limit', 'yes'],
    ['disk-limit', 'for n in $(seq 100); do head -c 50000000 /dev/zero > f$n; sleep 0.05; done; sleep 100'],
  ])('a command is killed at its %s, and the next one works', async (ended, script) => {
    expect(await run(script, { timeoutMs: 60_000 })).toMatchObject({ ended });
    expect((await run('rm -f f*; echo fine')).stdout).toBe('fine\n');
  });
});

test('a home with characters that a shell would interpret is refused', async () => {
  await expect(
    createNoSandbox({ folder: '/srv/my home' } as Parameters<typeof createNoSandbox>[0]),
  ).rejects.toThrow(/PULLWRIGHT_HOME: expected a path of letters.*found \/srv\/my home/);
});
