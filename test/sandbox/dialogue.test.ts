import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeSandboxFolder, type Sandbox } from '../../src/sandbox/sandbox.js';
import { findProcesses } from '../support/find-processes.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { startDialogue } from '../support/start-dialogue.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let open: () => Sandbox;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const sandboxes = await openTestSandboxes(folder.path);
  const tree = path.join(folder.path, 'tree');
  await makeSandboxFolder(tree, sandboxes.uid);
  open = () => sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
});
afterAll(() => folder.remove());

const echo = 'while read -r line; do echo "got $line"; done';

describe('a command with a dialogue', () => {
  test('answers line by line, and ends when its sandbox is disposed of', async () => {
    const sandbox = open();
    const script = `sleep 7531 & echo words >&2; ${echo}`;
    const { send, next, execution } = await startDialogue(sandbox, { script, timeoutMs: 60_000 });
    send('one');
    expect(await next()).toBe('got one');
    send('\u2028 is not the end of a line, é');
    expect(await next()).toBe('got \u2028 is not the end of a line, é');
    await sandbox.dispose();
    expect(await execution).toMatchObject({
      ended: 'stopped',
      exitCode: null,
      stdout: '',
      stderr: 'words\n',
    });
    expect(await findProcesses('sleep 7531')).toEqual([]);
  });

  test('gets characters and lines whole, however they arrive', async () => {
    const script = String.raw`printf 'a\xc3'; sleep 0.2; printf '\xa9\nb'; sleep 0.2; printf 'c\r\n\nend'`;
    const { next, execution } = await startDialogue(open(), { script, timeoutMs: 60_000 });
    expect([await next(), await next(), await next()]).toEqual(['aé', 'bc', '']);
    // The rest is not a line.
    expect(await execution).toMatchObject({ ended: 'exited', exitCode: 0 });
  });

  test('has the limits of any other command', async () => {
    const endless = await startDialogue(open(), {
      script: 'yes',
      timeoutMs: 60_000,
      maxOutputBytes: 100_000,
    });
    expect((await endless.execution).ended).toBe('output-limit');
    const slow = await startDialogue(open(), { script: echo, timeoutMs: 300 });
    expect((await slow.execution).ended).toBe('timeout');
    const ended = await startDialogue(open(), { script: 'exit 3', timeoutMs: 60_000 });
    expect(await ended.execution).toMatchObject({ ended: 'exited', exitCode: 3 });
    ended.send('nobody reads this');
  });
});
