import { chmod, mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Command, makeSandboxFolder, type Sandbox, testSandbox } from '../../src/sandbox/sandbox.js';
import { findProcesses } from '../support/find-processes.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandbox: Sandbox;
let server: http.Server;
let port: number;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  server = http.createServer((_, response) => response.end('from the host'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  const sandboxes = await openTestSandboxes(folder.path);
  await testSandbox(sandboxes, path.join(folder.path, 'sandbox'));
  await makeSandboxFolder(path.join(folder.path, 'tree'), sandboxes.uid);
  sandbox = sandboxes.open([{ from: path.join(folder.path, 'tree'), to: '/workspace', writable: true }]);
  process.env.CANARY = 'canary-in-the-environment';
  await writeFile(path.join(folder.path, 'host-file'), 'canary-in-a-file');
});

afterAll(async () => {
  delete process.env.CANARY;
  await sandbox.dispose();
  await new Promise((resolve) => server.close(resolve));
  await folder.remove();
});

const run = (script: string, more: Partial<Command> = {}) =>
  sandbox.execute({ script, timeoutMs: 10_000, ...more });

describe('a command in a sandbox', () => {
  test('a command that imitates an error of bubblewrap is a result like any other', async () => {
    const result = await run("echo 'bwrap: no' >&2; exit 1");
    expect(result).toMatchObject({ ended: 'exited', exitCode: 1, stderr: 'bwrap: no\n' });
  });

  test('the result has the output in order and the exit code', async () => {
    const result = await run('echo out; echo err >&2; cat; exit 3', { stdin: 'in', args: ['a'] });
    expect(result).toMatchObject({
      exitCode: 3,
      ended: 'exited',
      stdout: 'out\nin',
      stderr: 'err\n',
      refusedHosts: [],
    });
  });

  test('tool paths come before /usr in PATH, and are read-only', async () => {
    const tools = path.join(folder.path, 'tools');
    await mkdir(path.join(tools, 'bin'), { recursive: true });
    await writeFile(path.join(tools, 'bin', 'node'), '#!/bin/sh\necho another node\n', { mode: 0o755 });
    const sandboxes = await openTestSandboxes(folder.path, 128, [tools]);
    const tree = { from: path.join(folder.path, 'tree'), to: '/workspace', writable: true };
    const result = await sandboxes
      .open([tree])
      .execute({ script: `node; touch ${tools}/x`, timeoutMs: 10_000 });
    expect(result).toMatchObject({ stdout: 'another node\n', stderr: expect.stringContaining('Read-only') });
  });

  test('arguments need no quoting', async () => {
    expect((await run('printf "%s|" "$@"', { args: ["a 'b", '$(c)', '-n'] })).stdout).toBe("a 'b|$(c)|-n|");
  });

  test('a script and arguments may be longer than the kernel accepts as an argument', async () => {
    const long = 'a'.repeat(300_000);
    const script = `x=${long}; echo \${#x} \${#1} "$2" $# "$0"; ls /proc/self/fd | tr '\\n' ' '; echo \${MAPFILE-none}; exit 3`;
    const result = await run(script, { args: [long, "a 'b", ''] });
    expect(result).toMatchObject({
      exitCode: 3,
      stderr: '',
      stdout: "300000 300000 a 'b 3 bash\n0 1 2 3 none\n",
    });
    expect(await run('cat', { stdin: 'in', args: [long] })).toMatchObject({ stdout: 'in' });
  });

  test('a command with NUL fails instead of throwing', async () => {
    for (const command of [{ script: 'echo a\0b' }, { script: 'true', args: ['\0'] }])
      expect(await run(command.script, command)).toMatchObject({ exitCode: 126, ended: 'exited' });
  });

  test('a command sees no environment, files, processes or command lines of the host', async () => {
    // The file's name comes by standard input, because a name in the script would be found in /proc.
    const script = `read -r file; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; ls -A / /home /tmp /root /var /run /workspace 2>&1; cat "$file" 2>/dev/null; ls /proc | grep -c '^[0-9]'`;
    const { output } = await run(script, { stdin: `${path.join(folder.path, 'host-file')}\n` });
    expect(output).not.toMatch(/canary|ANTHROPIC|host-file|sandbox\/seccomp/);
    expect(Number(output.trim().split('\n').at(-1))).toBeLessThan(10);
  });

  test('a command finds the shell by its variable', async () => {
    const { output } = await run('"$SHELL" -c "echo found"');
    expect(output.trim()).toBe('found');
  });

  test('a sandbox works below a folder that its user may not enter', async () => {
    const closed = path.join(folder.path, 'closed');
    await mkdir(path.join(closed, 'home'), { recursive: true });
    await chmod(closed, 0o700);
    const home = path.join(closed, 'home');
    const sandboxes = await openTestSandboxes(home);
    await testSandbox(sandboxes, path.join(home, 'sandbox'));
  });

  test('a command has no network: no loopback of the host, no outside, no vsock', async () => {
    const { output } = await run(
      `(echo > /dev/tcp/127.0.0.1/${port}) && echo reached; (echo > /dev/tcp/192.0.2.1/80) && echo reached; python3 -c 'import socket; socket.socket(40, 1)' && echo reached; ls /sys/class/net 2>/dev/null; true`,
    );
    expect(output).not.toContain('reached');
  });

  test('a command has no capabilities, creates no namespaces or mounts, and is not root', async () => {
    const { stdout } = await run(
      'grep CapEff /proc/self/status; id -u; unshare -Ur true && echo namespace; mount -t tmpfs x /tmp && echo mounted; touch /usr/x /etc/x /run/x && echo written; true',
    );
    expect(stdout.trim().split('\n')).toEqual(['CapEff:\t0000000000000000', '1000']);
  });

  test('a command that exceeds its timeout is killed with everything that it started', async () => {
    // Other test files start processes at the same time, so the number of seconds belongs to this one.
    const time = `1000.${process.pid}`;
    const result = await run(`sleep ${time} & setsid sleep ${time} & sleep ${time}`, { timeoutMs: 300 });
    expect(result).toMatchObject({ exitCode: null, ended: 'timeout' });
    expect(await findProcesses(time)).toEqual([]);
  });

  test('a command that exceeds its timeout is described: what it ran, and since when it was silent', async () => {
    const { output, stderr, stdout } = await run('echo begun; tail -f /dev/null | cat & sleep 1000', {
      timeoutMs: 5000,
    });
    expect(stdout).toBe('begun\n');
    expect(stderr).toMatch(
      /^sandbox: the time limit of 5\.0 s was reached\. The command had printed nothing for [\d.]+ s\. Still running: "(?:tail -f \/dev\/null", "cat|cat", "tail -f \/dev\/null)"\.\n$/,
    );
    expect(output).toBe(`begun\n${stderr}`);
  });

  test('background processes are killed when the command ends', async () => {
    const time = `1001.${process.pid}`;
    expect(await run(`sleep ${time} > /dev/null 2>&1 & echo done`)).toMatchObject({
      exitCode: 0,
      stdout: 'done\n',
    });
    expect(await findProcesses(time)).toEqual([]);
  });

  test.each([
    ['endless output', 'yes', 'output-limit'],
    ['a fork bomb', 'f() { f | f & }; f; sleep 100', 'process-limit'],
  ])('%s is killed, and the next command works', async (_, script, ended) => {
    const result = await run(script, { timeoutMs: 30_000, maxOutputBytes: 100_000 });
    expect(result.ended).toBe(ended);
    expect(await run('echo fine')).toMatchObject({ stdout: 'fine\n' });
  });

  test('memory, file size and /tmp are limited', async () => {
    expect((await run('node -e "const a=[]; for(;;) a.push(Buffer.alloc(5e7, 1))"')).exitCode).not.toBe(0);
    expect((await run('head -c 70000000 /dev/zero > big; rm -f big')).output).toMatch(
      /File size limit|too large|^$/i,
    );
    expect(
      (await run('head -c 67000000 /dev/zero > /tmp/a; head -c 9000000 /dev/zero > /tmp/b')).output,
    ).toMatch(/No space left/);
  });

  test('aborting the signal kills the command', async () => {
    const stopping = new AbortController();
    const running = run('sleep 100', { signal: stopping.signal });
    stopping.abort();
    expect(await running).toMatchObject({ ended: 'stopped', exitCode: null });
  });
});
