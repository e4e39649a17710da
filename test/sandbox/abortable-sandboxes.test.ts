import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AbortableSandboxes, makeAbortable } from '../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let abortable: AbortableSandboxes;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  abortable = makeAbortable(await openTestSandboxes(folder.path));
});
afterAll(() => folder.remove());

test('abort kills the running commands of all sandboxes, and later commands run', async () => {
  const [one, other] = [abortable.sandboxes.open([]), abortable.sandboxes.open([])];
  const sleep = { script: 'sleep 100', cwd: '/', timeoutMs: 30_000 };
  const running = Promise.all([one.execute(sleep), other.execute(sleep)]);
  abortable.abort();
  expect((await running).map(({ ended }) => ended)).toEqual(['stopped', 'stopped']);
  expect(await one.execute({ script: 'echo fine', cwd: '/', timeoutMs: 30_000 })).toMatchObject({
    ended: 'exited',
    stdout: 'fine\n',
  });
});

test('a command’s own signal still aborts that command only', async () => {
  const sandbox = abortable.sandboxes.open([]);
  const own = new AbortController();
  const sleep = { script: 'sleep 100', cwd: '/', timeoutMs: 30_000, signal: own.signal };
  const beside = sandbox.execute({ script: 'sleep 1; echo fine', cwd: '/', timeoutMs: 30_000 });
  const running = sandbox.execute(sleep);
  own.abort();
  expect((await running).ended).toBe('stopped');
  expect((await beside).stdout).toBe('fine\n');
});
