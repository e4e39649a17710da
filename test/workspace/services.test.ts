import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { composeProvide } from '../../src/composition/provide.js';
import { emptyEnvironment, type Service } from '../../src/environment/environment.js';
import { runTests } from '../../src/evidence/run-tests.js';
import { postgres, sql } from '../services/use-services.js';
import { openTestWorkspaces } from '../support/open-test-workspaces.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let github: LocalGitHub;
const url = 'postgres://postgres:secret@db/postgres';

beforeAll(async () => {
  folder = await createTemporaryFolder();
  github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
});
afterAll(async () => {
  await github.stop();
  await folder.remove();
});

/** Opens workspaces on a machine that has only the Postgres that Pullwright itself uses, or /usr. */
async function openMachine(services: Service[], variables: Record<string, string> = {}) {
  const environment = { ...emptyEnvironment, services, variables };
  const home = await createTemporaryFolder();
  const limits = { memoryBytes: 4 * 1024 ** 3 };
  const machine = await openTestWorkspaces(home.path, github, limits, null, async (sandboxes) => {
    const provide = composeProvide({
      config: { home: home.path, sandbox: { backend: 'bubblewrap' } },
      sandboxes,
      // The library `pg` is for the commands in the sandbox.
      provideToolchains: async () => ({
        ...{
          path: ['/opt/first'],
          provided: ['A toolchain.'],
          variables: { NODE_PATH: '/opt/node_modules' },
          missing: [],
        },
        mounts: [{ from: path.resolve('node_modules'), to: '/opt/node_modules', writable: false }],
      }),
    });
    return provide(environment, { allowed: null, notGranted: [] });
  });
  return { ...machine, remove: () => home.remove() };
}

const files = { 'package.json': '{}', '.gitignore': 'node_modules' };

test('set-up, tests and the agent have a database each, which begin as the set-up left it', async () => {
  const { open, remove } = await openMachine([postgres({ name: 'db', hosts: ['db'] })], {
    DATABASE_URL: url,
    PATH: '/nowhere',
    GIT_DIR: '/nowhere',
  });
  const count = sql(url, 'select count(*)::int as n from t');
  const insert = sql(url, 'insert into t values (1)');
  const setup = [`${sql(url, 'create table t (x int)')}; ${insert}; echo "$DATABASE_URL $PATH" > built`];
  const { workspace, base } = await open('acme/shop', files, setup);
  const { ok, provided, missing, executions } = workspace.setupResult;
  expect({ ok, missing, output: executions[0]?.output }).toEqual({
    ok: true,
    missing: [],
    output: '[]\n[]\n',
  });
  expect(provided).toEqual(['A toolchain.', expect.stringMatching(/^PostgreSQL \d+\.\d+ as the service db/)]);

  const bash = (script: string) =>
    workspace.sandbox.execute({ script, services: true, timeoutMs: 60_000 }).then(({ output }) => output);
  expect(await bash('cat built')).toMatch(`${url} /home/agent/.local/bin:/opt/first:`);
  expect(await bash(`${insert}; ${count}`)).toBe('[]\n[{"n":2}]\n');
  expect(await bash(count)).toBe('[{"n":2}]\n');

  const test = { command: count, folder: '', runner: 'command', takesArguments: false };
  for (let time = 0; time < 2; time++) {
    const copy = await workspace.openScratchCopy(base);
    const { output } = await runTests(
      copy.sandbox,
      { ...test, command: `${insert}; ${count}` },
      { timeoutMs: 60_000 },
    );
    expect(output).toBe('[]\n[{"n":2}]\n');
    await copy.dispose();
  }
  await workspace.dispose();
  await remove();
});

test('a command without services has no database', async () => {
  const { open, remove } = await openMachine([postgres({ name: 'db', hosts: ['db'] })]);
  const { workspace } = await open('acme/alone', files);
  const { output } = await workspace.sandbox.execute({
    script: 'ls /services/db | head -1; (echo > /dev/tcp/db/5432) 2>&1 | tail -1',
    timeoutMs: 20_000,
  });
  expect(output).toMatch(/^data\n.*Connection refused\n$/);
  await workspace.dispose();
  await remove();
});

test('a service that does not start is missing, and the run goes on without it', async () => {
  const broken = postgres({ name: 'broken', arguments: ['-c', 'nosuch_setting=1'], ports: [5555] });
  const { open, remove } = await openMachine([broken, postgres({ name: 'db', hosts: ['db'] })]);
  const { workspace } = await open('acme/broken', files, [sql(url, 'select 1 as one')]);
  const { ok, provided, missing, executions } = workspace.setupResult;
  expect({ ok, output: executions[0]?.output }).toEqual({ ok: true, output: '[{"one":1}]\n' });
  expect(provided).toHaveLength(2);
  expect(missing).toEqual([expect.stringMatching(/^The service broken did not start: .*nosuch_setting/)]);
  await workspace.dispose();
  await remove();
});

test('the data of the agent live on in another process of the machine', async () => {
  const { open, restart, remove } = await openMachine([postgres({ name: 'db', hosts: ['db'] })]);
  const first = await open('acme/restarted', files, [sql(url, 'create table t (x int)')], 'run-restarted');
  const bash = async ({ workspace }: typeof first, script: string) =>
    (await workspace.sandbox.execute({ script, services: true, timeoutMs: 60_000 })).output;
  await bash(first, `${sql(url, 'insert into t values (7)')}; kill -9 -1`);
  restart();
  const second = await open('acme/restarted', files, ['exit 1'], 'run-restarted');
  expect(second.workspace.setupResult).toEqual(expect.objectContaining(first.workspace.setupResult));
  expect(await bash(second, sql(url, 'select x from t'))).toBe('[{"x":7}]\n');
  const copy = await second.workspace.openScratchCopy(second.base);
  expect(
    await bash({ ...second, workspace: { ...second.workspace, ...copy } }, sql(url, 'select x from t')),
  ).toBe('[]\n');
  await second.workspace.dispose();
  await remove();
});
