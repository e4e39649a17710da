import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bash } from '../../../src/agent/tools/bash.js';
import { editFile } from '../../../src/agent/tools/edit-file.js';
import { search } from '../../../src/agent/tools/search.js';
import type { ToolContext } from '../../../src/agent/tools/tool.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { makeSandboxFolder } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandbox: Sandbox;
let context: ToolContext;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const tree = path.join(folder.path, 'tree');
  const sandboxes = await openTestSandboxes(folder.path);
  await makeSandboxFolder(tree, sandboxes.uid);
  sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  context = { workspace: { sandbox }, commandTimeoutMs: 5000 } as unknown as ToolContext;
});

afterAll(async () => {
  await sandbox.dispose();
  await folder.remove();
});

const run = (command: string) => bash.call({ command }, context);
const edit = (input: Record<string, unknown>) => editFile.call(input, context);

describe('bash', () => {
  test('returns the output alone if the script succeeds, and the exit code if it fails', async () => {
    expect(await run('echo a; echo b >&2')).toEqual({ ok: true, text: 'a\nb' });
    expect(await run('true')).toEqual({ ok: true, text: '[no output]' });
    expect(await run('echo a; exit 3')).toEqual({ ok: false, text: 'a\n[exit code 3]' });
  });

  test('says which limit a command reached, and after how long', async () => {
    const { text } = await bash.call({ command: 'sleep 30' }, { ...context, commandTimeoutMs: 500 });
    expect(text).toMatch(
      /^sandbox: the time limit of 0\.5 s was reached\. .*\n\[killed after [\d.]+ s: time limit reached\]$/,
    );
  });

  test('runs without pagers, colors, editors and further attempts to reach the network', async () => {
    const script =
      'git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one && git log -1 --format=%s; echo "$PAGER $NO_COLOR $CI $TERM $npm_config_fetch_retries $PIP_RETRIES"; rm -rf .git';
    expect((await run(script)).text).toBe('one\ncat 1 1 dumb 0 0');
  });

  test('keeps files from one call to the next, and neither /tmp nor the shell', async () => {
    await run('echo x > kept; echo x > /tmp/lost; export LOST=x; cd /');
    expect((await run('cat kept; ls /tmp; echo "$LOST"; pwd')).text).toBe('x\n\n/workspace');
  });
});

describe('str_replace_based_edit_tool', () => {
  test('creates, shows and changes a file', async () => {
    expect(await edit({ command: 'create', path: 'deep/a.txt', file_text: 'one\ntwo\n' })).toEqual({
      ok: true,
      text: 'created deep/a.txt',
      editedFiles: ['deep/a.txt'],
    });
    await edit({ command: 'insert', path: 'deep/a.txt', insert_line: 1, insert_text: 'between' });
    await edit({ command: 'str_replace', path: 'deep/a.txt', old_str: 'two', new_str: '2' });
    expect((await edit({ command: 'view', path: 'deep/a.txt' })).text).toBe('1\tone\n2\tbetween\n3\t2');
    const range = await edit({ command: 'view', path: 'deep/a.txt', view_range: [2, 2] });
    expect(range.text).toBe('2\tbetween\n[lines 2-2 of 3]');
  });

  test('keeps the line ends and the byte order mark of a file', async () => {
    await run("printf '\\357\\273\\277one\\r\\ntwo\\r\\n' > windows.txt");
    expect((await edit({ command: 'view', path: 'windows.txt' })).text).toBe('1\tone\n2\ttwo');
    await edit({ command: 'str_replace', path: 'windows.txt', old_str: 'one\ntwo', new_str: '1\n2' });
    await edit({ command: 'insert', path: 'windows.txt', insert_line: 2, insert_text: '3\n' });
    expect((await run('od -An -c windows.txt | tr -d " \\n"')).text).toBe('3572732771\\r\\n2\\r\\n3\\r\\n');
    await edit({ command: 'create', path: 'windows.txt', file_text: 'all\nnew\n' });
    expect((await run('od -An -c windows.txt | tr -d " \\n"')).text).toBe('357273277all\\r\\nnew\\r\\n');
  });

  test('shows a long file in whole lines, and says which lines these are', async () => {
    await run('seq -f "%.0f is a line of a file that is long" 1 3000 > long.txt');
    const { text, isLimited } = await edit({ command: 'view', path: 'long.txt' });
    const [last = '', note = ''] = text.split('\n').slice(-2);
    const end = Number(/^(\d+)\t\1 is a line of a file that is long$/.exec(last)?.[1]);
    expect(end).toBeGreaterThan(800);
    expect(note).toBe(`[lines 1-${end} of 3000]`);
    expect(text.length).toBeLessThan(41_000);
    expect(isLimited).toBe(true);
    const rest = await edit({ command: 'view', path: 'long.txt', view_range: [2999, -1] });
    expect(rest.text).toMatch(/^2999\t2999 is .*\n3000\t3000 is .*\n\[lines 2999-3000 of 3000\]$/);
  });

  test('says that git ignores a new file, and why', async () => {
    await run("git init -q . && printf 'build/\\nlib/\\n' > .gitignore");
    const ignored = await edit({ command: 'create', path: 'src/lib/words.js', file_text: 'a\n' });
    expect(ignored.text).toBe(
      'created src/lib/words.js\nGit ignores this file because of the pattern lib/ in .gitignore, line 2. It will not be part of the pull request. If it belongs there, use another path, or change the pattern.',
    );
    expect(ignored.ignoredFile).toBe('src/lib/words.js');
    const absolute = await edit({ command: 'create', path: '/workspace/src/lib/b.js', file_text: 'a\n' });
    expect(absolute.ignoredFile).toBe('src/lib/b.js');
    const product = await edit({ command: 'create', path: 'build/x.js', file_text: 'a\n' });
    expect(product.ignoredFile).toBeUndefined();
    const other = await edit({ command: 'create', path: 'src/words.js', file_text: 'a\n' });
    expect(other).toEqual({ ok: true, text: 'created src/words.js', editedFiles: ['src/words.js'] });
    await run('rm -rf .git .gitignore src build');
  });

  test.each([
    ['a missing file', { command: 'view', path: 'no' }, 'no does not exist'],
    ['a change of a missing file', { command: 'str_replace', path: 'no', old_str: 'a' }, 'no does not exist'],
    [
      'text that is not there',
      { command: 'str_replace', path: 'b', old_str: 'z' },
      'old_str was not found in b',
    ],
    [
      'text that occurs twice, even overlapping',
      { command: 'str_replace', path: 'b', old_str: 'a\na' },
      'old_str is not unique in b (lines 1 and 2)',
    ],
    [
      'lines that do not exist',
      { command: 'view', path: 'b', view_range: [9, 9] },
      'view_range: expected lines from 1 to 3; found [9, 9]',
    ],
    ['a call without its text', { command: 'create', path: 'b' }, 'create: expected file_text; found none'],
    ['a pipe', { command: 'view', path: 'pipe' }, 'pipe is not a regular file'],
    ['a binary file', { command: 'view', path: 'binary' }, 'binary is not a text file'],
  ])('answers %s with the reason', async (_, input, reason) => {
    await run("printf 'a\\na\\na' > b; [ -p pipe ] || mkfifo pipe; printf '\\377\\376\\377\\376' > binary");
    const { ok, text } = await edit(input);
    expect(ok).toBe(false);
    expect(text).toContain(reason);
  });
});

describe('search', () => {
  test('finds matches, tells when there are none, and explains a wrong pattern', async () => {
    await run('mkdir -p lib; echo "needle here" > lib/one.txt; echo needle > lib/two.md');
    expect((await search.call({ pattern: 'need.e', path: 'lib', glob: '*.txt' }, context)).text).toBe(
      'lib/one.txt:1:needle here',
    );
    expect(await search.call({ pattern: 'absent', path: 'lib' }, context)).toEqual({
      ok: true,
      text: 'No matches.',
    });
    expect((await search.call({ pattern: '\\bneedle(?= h)\\s\\w+', glob: '*.txt' }, context)).text).toBe(
      'lib/one.txt:1:needle here',
    );
    expect((await search.call({ pattern: 'needle', path: './lib/' }, context)).text).toBe(
      'lib/one.txt:1:needle here\nlib/two.md:1:needle',
    );
    expect((await search.call({ pattern: '(' }, context)).text).toMatch(
      /^The search failed \(exit code \d+\): /,
    );
  });
});
