import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const root = path.join(import.meta.dirname, '..', '..');

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return runWith({}, ...args);
}

/** Runs the built program in an empty folder, without any variable but PATH and the given ones. */
async function runWith(
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const folder = await createTemporaryFolder();
  try {
    const command = [path.join(root, 'dist', 'cli.js'), ...args];
    const options = { cwd: folder.path, env: { PATH: process.env.PATH, ...environment } };
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
  expect(good.stdout).toMatch(
    /backend-developer\.md: ok, agent backend-developer, model \S+, effort medium, tools /,
  );
  const bad = await run('check-agents', '/nowhere');
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/\/nowhere/);
});

test('check-agents resolves the names of models, and reports models and efforts that cannot be used', async () => {
  const folder = await createTemporaryFolder();
  try {
    const write = (name: string, model: string, more = '') =>
      writeFile(
        path.join(folder.path, `${name}.md`),
        `---\nname: ${name}\ndescription: works\nmodel: ${model}\n${more}---\nWork.\n`,
      );
    await write('a', 'fable[1m]');
    await write('b', 'inherit');
    const good = await runWith({ PULLWRIGHT_MODEL: 'haiku' }, 'check-agents', folder.path);
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toMatch(/agent a, model claude-fable-5-2, .*\n.*agent b, model claude-haiku-5-5, /);

    await write('b', 'claude-opus-4-5', 'effort: max\n');
    const strained = await runWith({ PULLWRIGHT_EFFORT: 'xhigh' }, 'check-agents', folder.path);
    expect(strained.code).toBe(1);
    expect(strained.stdout).toContain('agent a, model claude-fable-5-2, effort xhigh, ');
    expect(strained.stdout).toContain(
      'b.md: effort: expected one of low, medium, high for the model claude-opus-4-5; found "max"\n',
    );
    await write('b', 'inherit');

    await write('c', 'gpt-5');
    const bad = await run('check-agents', folder.path);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain(
      'c.md: model: expected sonnet, opus, haiku, fable or the id of a model with a known price; found "gpt-5". ' +
        'Add its price to the file of PULLWRIGHT_PRICES, or set UNPRICED_MODELS=allow if its runs need no limit ' +
        'in dollars\n',
    );
    const allowed = await runWith({ UNPRICED_MODELS: 'allow' }, 'check-agents', folder.path);
    expect(allowed).toMatchObject({ code: 0 });
    expect(allowed.stdout).toContain('agent c, model gpt-5, ');
    const unreadable = await runWith({ PULLWRIGHT_PRICES: '/nowhere.yml' }, 'check-agents', folder.path);
    expect(unreadable.code).toBe(1);
    expect(unreadable.stdout).toContain(
      'PULLWRIGHT_PRICES: expected a file; /nowhere.yml cannot be read (ENOENT)\n',
    );
  } finally {
    await folder.remove();
  }
});
