import { execFileSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Command,
  createSandboxes,
  type Execution,
  type Layers,
  makeLayers,
  makeSandboxFolder,
  removeFolder,
  type Sandbox,
  type Sandboxes,
  testLayers,
} from '../../src/sandbox/sandbox.js';
import { egressProgram, openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { changeTree, makeTree } from './random-operations.js';

const megabyte = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandboxes: Sandboxes;
let fault: string | null;
let count = 0;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const limits = { diskBytes: 60 * megabyte };
  sandboxes = await openTestSandboxes(folder.path, 128, [], limits);
  fault = await testLayers(sandboxes, path.join(folder.path, 'test'));
});
afterAll(() => folder.remove());

type Run = (script: string, more?: Partial<Command>) => Promise<Execution>;

function openAt(from: string, layers: Layers | null = null): { sandbox: Sandbox; run: Run } {
  const sandbox = sandboxes.open(
    [{ from: path.join(from, 'tree'), to: '/workspace', writable: true }],
    layers,
  );
  return { sandbox, run: (script, more) => sandbox.execute({ script, timeoutMs: 60_000, ...more }) };
}

/** Makes a folder with the subfolder `tree`, to which a command can write. */
async function openPlain() {
  count += 1;
  const root = path.join(folder.path, `plain-${count}`);
  await mkdir(root);
  await makeSandboxFolder(path.join(root, 'tree'), sandboxes.uid);
  return { root, ...openAt(root) };
}

/** Makes an overlay. */
async function openOver(lower: string) {
  count += 1;
  const root = path.join(folder.path, `layers-${count}`);
  const layers = await makeLayers(root, lower, ['tree'], sandboxes.uid);
  return { root, layers, ...openAt(layers.upper, layers) };
}

async function openTree() {
  const lower = await openPlain();
  await python(lower.run, makeTree);
  return lower;
}

async function python(run: Run, program: string, ...args: string[]): Promise<string> {
  const { exitCode, output } = await run('exec /usr/bin/python3 -c "$@"', { args: [program, ...args] });
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  return output;
}

/** Describes everything in a folder of the host: content, modes, owners, links, sizes and times. */
function describeFolder(root: string): string {
  const script = `cd "$1" && find . -printf '%p %y %m %U %G %n %s %t %i %l\\n' | sort &&
    find . -type f -exec sha1sum {} + | sort && getfattr -R -d -m - . 2>/dev/null | sort || true`;
  return execFileSync('/bin/sh', ['-c', script, 'sh', root], { encoding: 'utf8' });
}

test('the test at the start says whether this machine can mount layers', () => {
  if (isRoot) expect(fault).toBeNull();
  else expect(fault).toBe('only root can mount overlays on which folders can be renamed');
});

test('a folder that cannot be part of an overlay fails the test, which leaves nothing behind', async () => {
  const odd = path.join(folder.path, 'with, comma');
  expect(await testLayers(sandboxes, odd)).toEqual(expect.any(String));
  expect(await readdir(odd)).toEqual([]);
});

test('a backend without layers says so, and opens no sandbox with them', async () => {
  const none = await createSandboxes({
    ...{ backend: 'none', folder: path.join(folder.path, 'none'), mountRoots: [folder.path] },
    limits: {
      ...{ memoryBytes: 512 * megabyte, processes: 64, fileBytes: megabyte, tmpBytes: megabyte },
      ...{ diskBytes: megabyte, diskFiles: 1000, outputBytes: megabyte, timeMs: 60_000 },
    },
    ...{ toolPaths: [], packages: { environment: {}, files: [] }, image: null, engine: null },
    ...{ engineEnvironment: {}, egressProgram },
  });
  expect(await testLayers(none, folder.path)).toBe('SANDBOX=none mounts no overlays');
  const layers = { lower: '/a', upper: '/b', work: '/c', merged: '/d' };
  expect(() => none.open([], layers)).toThrow('sandbox: no layers: SANDBOX=none mounts no overlays');
});

// Only root can mount layers. As another user, Pullwright makes plain copies.
const describeIfRoot = isRoot ? describe : describe.skip;

describeIfRoot('a copy that is an overlay', () => {
  test('random operations have the same results as on a plain copy, over several commands', async () => {
    for (const seed of [1, 2, 3]) {
      const lower = await openTree();
      const before = describeFolder(path.join(lower.root, 'tree'));
      const plain = await openPlain();
      execFileSync('cp', ['-a', `${lower.root}/tree/.`, `${plain.root}/tree/`]);
      const over = await openOver(lower.root);
      for (const part of [0, 1, 2]) {
        const args = [String(seed * 10 + part), '120'];
        const expected = await python(plain.run, changeTree, ...args);
        expect(await python(over.run, changeTree, ...args)).toBe(expected);
        expect(expected).not.toContain('EXDEV');
      }
      expect(describeFolder(path.join(lower.root, 'tree'))).toBe(before);
    }
  });

  test('a hostile command changes neither the lower folder nor another copy', async () => {
    const lower = await openTree();
    const before = describeFolder(path.join(lower.root, 'tree'));
    const [one, other] = [await openOver(lower.root), await openOver(lower.root)];
    const { stdout } = await one.run(
      `
try() { "$@" 2>/dev/null && echo "succeeded: $*"; }
chmod -R u+rwX . ; find . -type f -exec sh -c 'echo changed >> "$1"' sh {} \\; ; echo x | tee a/h1 > lib/f9
mv a moved; rm -rf lib closed; ln -s / lib; mkdir a; touch -d @5 f1 f2; rm s0; echo x > s0
try umount /workspace
try mount -o remount,rw /workspace
try mount --bind / /workspace
try mount -t overlay -o lowerdir=/usr:/workspace overlay /tmp
try unshare -Urm true
try mknod whiteout c 0 0
try /usr/bin/python3 -c 'import os; os.setxattr("f2", "trusted.overlay.opaque", b"y")'
try /usr/bin/python3 -c 'import os; os.setxattr("moved", "trusted.overlay.redirect", b"/../../")'
/usr/bin/python3 -c 'import os; os.setxattr("moved/d", "user.overlay.opaque", b"y")'
for one in $(tr ' ,=:' '\\n' < /proc/self/mountinfo | grep ^/ | grep layers- ; echo "$1"); do try ls "$one"; done
ls moved/d`,
      { args: [lower.root] },
    );
    expect(stdout).toBe('f17\nf18\nf19\nf20\nh5\n');
    expect(describeFolder(path.join(lower.root, 'tree'))).toBe(before);
    // The order of stdout and stderr is not fixed, so everything goes to one of them.
    const look = '{ find . | sort; cat f1 a/h1; cat lib/f9 | wc -c; } 2>&1';
    expect((await other.run(look)).output).toBe((await lower.run(look)).output);
    const { stdout: later } = await one.run('ls -d moved lib/usr s0 && cat s0 && ls moved/d && ls a');
    expect(later).toBe('lib/usr\nmoved\ns0\nx\nf17\nf18\nf19\nf20\nh5\n');
  });

  test('watchers see changes of lower files, and a later command sees everything of a killed one', async () => {
    const over = await openOver((await openTree()).root);
    const watch = `
import ctypes, os, select
libc = ctypes.CDLL(None)
watch = libc.inotify_init1(0)
for path in [b'f1', b'a']: assert libc.inotify_add_watch(watch, path, 0x2 | 0x100 | 0x200) > 0
open('f1', 'a').write('x'); open('a/new', 'w').close(); os.unlink('a/f5')
print(select.select([watch], [], [], 10)[0] != [], len(os.read(watch, 999)))`;
    expect(await python(over.run, watch)).toBe('True 80\n');
    for (let time = 1; time <= 5; time++) {
      const stop = new AbortController();
      const script = `mv a${time > 1 ? time - 1 : ''} a${time}; echo ${time} > f1; touch "$1"; sleep 60`;
      const running = over.run(script, { args: [`done-${time}`], signal: stop.signal });
      while (!(await readdir(path.join(over.layers.upper, 'tree'))).includes(`done-${time}`)) await pause(20);
      stop.abort();
      expect((await running).ended).toBe('stopped');
      expect((await over.run(`cat f1 && ls a${time}/new && ls -d a*`)).stdout).toBe(
        `${time}\na${time}/new\na${time}\n`,
      );
    }
  });

  test('commands of one copy run one after the other, also when files were on their way', async () => {
    const over = await openOver((await openTree()).root);
    const runs = await Promise.all(
      [1, 2, 3].map((one) => over.run(`echo ${one} >> order; sleep 0.2; echo ${one} >> order; cat order`)),
    );
    expect(runs.map(({ stdout }) => stdout)).toEqual(['1\n1\n', '1\n1\n2\n2\n', '1\n1\n2\n2\n3\n3\n']);
    // The kernel collects such sockets some time after the command has ended.
    const pass = `
import socket
for number in range(20):
    one, other = socket.socketpair()
    file = open(f'sent-{number}', 'a')
    for end in (one, other): socket.send_fds(end, [b'x'], [file.fileno(), one.fileno(), other.fileno()])`;
    for (let time = 0; time < 15; time++) await python(over.run, pass);
    await over.sandbox.dispose();
  });

  test('the disk limit counts what a command wrote, with files without a name, and not the lower folder', async () => {
    const lower = await openPlain();
    await lower.run('head -c 50M /dev/zero > big');
    const over = await openOver(lower.root);
    expect((await over.run('head -c 30M /dev/zero > more; cat big | wc -c')).stdout).toBe('52428800\n');
    expect((await over.run('echo x >> big; sleep 50')).ended).toBe('disk-limit');
    const hidden = `
import os, time
handle = os.open('hidden', os.O_CREAT | os.O_RDWR); os.unlink('hidden')
for _ in range(7): os.write(handle, bytes(10 << 20))
time.sleep(50)`;
    const fresh = await openOver(lower.root);
    const { ended } = await fresh.run('exec /usr/bin/python3 -c "$1"', { args: [hidden] });
    expect(ended).toBe('disk-limit');
  });

  test('the folders of an overlay can be removed', async () => {
    const over = await openOver((await openTree()).root);
    await over.run('rm -rf a lib; chmod 000 . || true');
    await removeFolder(over.root);
    expect((await readdir(folder.path)).includes(path.basename(over.root))).toBe(false);
  });
});
