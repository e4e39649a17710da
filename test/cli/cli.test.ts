import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const root = path.join(import.meta.dirname, '..', '..');

/** Runs the built program in an empty folder, without any variable but PATH. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const folder = await createTemporaryFolder();
  try {
    const command = [path.join(root, 'dist', 'cli.js'), ...args];
    const options = { cwd: folder.path, env: { PATH: process.env.PATH } };
    const result = await promisify(execFile)(process.execPath, command, options).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    return { code: result.code, stdout: result.stdout, stderr: result.stderr };
  } finally {
    await folder.remove();
  }
}

test('--help prints the usage', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: pullwright <command>/);
});

test.each([[], ['dance'], ['run'], ['runs', 'x'], ['start', '--json'], ['runs', '--loud'], ['check-agents']])(
  'a wrong command line prints the usage as an error and exits with 64: %s %s',
  async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args.filter(Boolean));
    expect(code).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Usage: pullwright <command>/);
  },
);

test('a wrong configuration exits with 78, and prints one line per fault and no stack trace', async () => {
  const { code, stderr } = await run('start');
  expect(code).toBe(78);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).toMatch(/^pullwright: [A-Z_]+.*: expected .+; .+ set$/);
});

test('check-agents accepts the bundled agents, and exits with 1 for a place without agents', async () => {
  const good = await run('check-agents', path.join(root, 'agents'));
  expect(good.code).toBe(0);
  expect(good.stdout).toMatch(/backend-developer\.md: ok, agent backend-developer, model \S+, tools /);
  const bad = await run('check-agents', '/nowhere');
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/\/nowhere/);
});
