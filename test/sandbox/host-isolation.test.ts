import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { editFile } from '../../src/agent/tools/edit-file.js';
import { search } from '../../src/agent/tools/search.js';
import type { ToolContext } from '../../src/agent/tools/tool.js';
import { makeSandboxFolder } from '../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { type IsolatedSandbox, openIsolatedSandbox } from './open-isolated-sandbox.js';

let host: IsolatedSandbox;
let context: ToolContext;

beforeAll(async () => {
  host = await openIsolatedSandbox();
  const workspace = { sandbox: host.sandbox } as ToolContext['workspace'];
  context = { workspace, commandTimeoutMs: 10_000 } as ToolContext;
});

afterAll(() => host.close());

const run: IsolatedSandbox['run'] = (script, more) => host.run(script, more);
const edit = (input: Record<string, unknown>) => editFile.call(input, context);

describe('what a command sees of the host (19)', () => {
  test('a command finds no environment, command line or memory of other processes', async () => {
    const { output } = await run(
      `cat /proc/*/environ /proc/*/cmdline /proc/*/task/*/environ /proc/self/auxv 2>&1 | tr '\\0' '\\n'
       for pid in /proc/[0-9]*; do cat $pid/maps; dd if=$pid/mem bs=1 count=1; done 2>/dev/null | strings
       env; set; cat /proc/1/root${'/'}etc/hostname /proc/1/cwd/* 2>&1; hostname; true`,
    );
    expect(output).not.toContain(host.canary);
    expect(output).not.toMatch(/ANTHROPIC|PRIVATE_KEY|node_modules|jest/);
  });

  test('a command finds no file of the host under any path', async () => {
    const names = [
      host.hostFile,
      `/proc/1/root${host.hostFile}`,
      `/proc/self/root${host.hostFile}`,
      `/workspace/..${host.hostFile}`,
      `/newroot${host.hostFile}`,
      `/oldroot${host.hostFile}`,
      `/proc/self/cwd/../../..${host.hostFile}`,
      '/etc/shadow',
      '/root/.bashrc',
      '/var/run/docker.sock',
      '/proc/kcore',
      '/sys/kernel/security',
    ];
    const { stdout } = await run(
      'for one in "$@"; do cat "$one" 2>/dev/null; done; ls /sys /root /srv /opt /mnt /media /boot 2>/dev/null; ls /var | grep -vx run; true',
      {
        args: names,
      },
    );
    expect(stdout).toBe('');
  });

  test('a command inherits no descriptor that this program was started with', async () => {
    const probe = `
      import { findNamespaceWrapper, makeSandboxFolder } from './dist/sandbox/sandbox.js';
      import { openBubblewrap } from './dist/sandbox/backends/bubblewrap.js';
      const [folder, tree] = process.argv.slice(1);
      const limits = {
        memoryBytes: 1e9, processes: 99, fileBytes: 1e6, tmpBytes: 1e6,
        diskBytes: 1e7, diskFiles: 99, outputBytes: 1e6, timeMs: 1e5,
      };
      const packages = { environment: {}, files: [] };
      const wrapper = await findNamespaceWrapper([folder]);
      const options = { folder, limits, wrapper, toolPaths: [], packages, egressProgram: '' };
      const sandboxes = await openBubblewrap(options, null);
      await makeSandboxFolder(tree, sandboxes.uid);
      const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
      const script = 'ls /proc/self/fd | tr "\\n" " "; for n in 3 4 5 6 7 8 9 250; do cat <&$n; done 2>/dev/null';
      process.stdout.write((await sandbox.execute({ script, timeoutMs: 10000 })).stdout);`;
    const inherited = path.join(host.folder, 'inherited');
    await mkdir(inherited);
    const output = execFileSync(
      'bash',
      [
        '-c',
        'exec 7< "$1" 9<> "$1" 250< "$1"; shift; exec "$@"',
        'bash',
        host.hostFile,
        process.execPath,
        ...['--input-type=module', '-e', probe, inherited, path.join(inherited, 'tree')],
      ],
      { cwd: path.join(import.meta.dirname, '..', '..'), env: { PATH: process.env.PATH } },
    ).toString();
    // ls itself opened the last one.
    expect(output).toBe('0 1 2 3 ');
  });

  test('a command sees only its own processes, with its own numbers', async () => {
    const { stdout } = await run(
      'ls -d /proc/[0-9]* | wc -l; for pid in "$@"; do kill -0 $pid 2>/dev/null && cat /proc/$pid/comm; done; true',
      { args: [String(host.neighbor.pid), String(process.pid)] },
    );
    expect(Number(stdout.split('\n')[0])).toBeLessThan(8);
    expect(stdout).not.toMatch(/sleep|node/);
  });

  test('bash reads no start-up file that an earlier command left in the home', async () => {
    const home = path.join(host.folder, 'home');
    const sandboxes = await openTestSandboxes(host.folder);
    await makeSandboxFolder(home, sandboxes.uid);
    const sandbox = sandboxes.open([
      { from: host.tree, to: '/workspace', writable: true },
      { from: home, to: '/home/agent', writable: true },
    ]);
    const plant =
      'for one in .bashrc .bash_profile .profile .bash_login .bash_env .inputrc; do echo "echo planted" > ~/$one; done';
    await sandbox.execute({ script: plant, timeoutMs: 10_000 });
    expect((await sandbox.execute({ script: 'echo fine', timeoutMs: 10_000 })).output).toBe('fine\n');
  });
});

describe('the file tools of the agent (19, 20)', () => {
  test('a file tool reads nothing that a command cannot read', async () => {
    await run(`ln -sf "$1" link; ln -sf /proc/1/environ environ; ln -sf "/proc/self/root$1" around`, {
      args: [host.hostFile],
    });
    const paths = [
      ...[
        host.hostFile,
        `..${host.hostFile}`,
        `/workspace/../../..${host.hostFile}`,
        '/proc/self/environ',
        '/proc/1/environ',
      ],
      ...[
        'link',
        'around',
        'environ',
        `/proc/self/root${host.hostFile}`,
        '/proc/self/fd/3',
        '/dev/fd/3',
        '/etc/shadow',
      ],
    ];
    for (const one of paths) {
      expect((await edit({ command: 'view', path: one })).text).not.toContain(host.canary);
      expect((await search.call({ pattern: 'canary-', path: one }, context)).text).not.toContain(host.canary);
      await edit({ command: 'str_replace', path: one, old_str: host.canary, new_str: 'taken' });
    }
    expect(await readFile(host.hostFile, 'utf8')).toBe(host.canary);
    await run('rm -f link around environ');
  });

  test('a file tool writes outside through no link, not even a dangling or a swapped one', async () => {
    const target = path.join(host.folder, 'made-from-inside');
    await run(
      `ln -s "$1" dangling; ln -s "$2" outside; ln -s /etc/passwd passwd; ln -s /usr/bin tools; mkdir -p swap; true`,
      { args: [target, host.folder] },
    );
    for (const file of ['dangling', 'outside/x', 'passwd', 'tools/x', `../..${target}`, target])
      await edit({ command: 'create', path: file, file_text: 'from inside' });
    // The path changes between a link and a folder while it is written to.
    const swapping = run(
      'for n in $(seq 60); do ln -sfn "$1" swap; rm -rf swap; mkdir swap; rm -rf swap; done; true',
      { args: [host.folder] },
    );
    for (let count = 0; count < 5; count += 1)
      await edit({ command: 'create', path: 'swap/made-from-inside', file_text: 'from inside' });
    await swapping;
    expect(existsSync(target)).toBe(false);
    expect(existsSync(path.join(host.folder, 'x'))).toBe(false);
    await run('rm -rf dangling outside passwd tools swap');
  });

  test('a file tool reports invalid names and special files as errors of the model', async () => {
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
    for (const name of ['pipe', 'to-pipe', 'sock', '/dev/zero', '/dev/stdin'])
      for (const command of ['view', 'create', 'str_replace'] as const)
        expect(await edit({ command, path: name, file_text: 'x', old_str: 'a' })).toMatchObject({
          ok: false,
        });
    await search.call({ pattern: 'x' }, context);
    const long = 'a'.repeat(140_000);
    expect(await search.call({ pattern: long }, context)).toMatchObject({ ok: false });
    expect(await edit({ command: 'view', path: long })).toMatchObject({ ok: false });
    await run('rm -f pipe to-pipe sock');
  });

  test('a file tool reaches no file of the host by a hard link or a link that the host follows', async () => {
    // A file that has no path in the sandbox cannot be linked, and the kernel protects files of other users.
    expect((await run('ln "$1" hard', { args: [host.hostFile] })).exitCode).not.toBe(0);
    expect((await run('ln /etc/passwd hard; ln /usr/bin/env hard')).exitCode).not.toBe(0);
    // Even if the operator puts such a link into the tree, the file behind it stays hidden.
    await symlink(host.hostFile, path.join(host.tree, 'from-outside'));
    await link(path.join(host.tree, 'from-outside'), path.join(host.tree, 'linked'));
    expect((await edit({ command: 'view', path: 'linked' })).text).not.toContain(host.canary);
    await run('rm -f from-outside linked hard');
  });
});
