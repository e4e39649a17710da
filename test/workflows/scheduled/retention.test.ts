import { mkdir, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createLog } from '../../../src/log.js';
import type { Sandboxes } from '../../../src/sandbox/sandbox.js';
import { deleteExpired, tidyMachine } from '../../../src/workflows/scheduled/retention.js';
import { hostGit } from '../../../src/workspace/host-git.js';
import { openMirrors } from '../../../src/workspace/mirrors/open-mirrors.js';
import { openWorkspaces } from '../../../src/workspace/open-workspaces.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const dayMs = 24 * 3_600_000;
const runsPerDay = 100;
const keepDays = 10;

let database: TestDatabase;
let pool: pg.Pool;
let workflows: DBOSClient;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  database = await createTestDatabase();
  await DBOS.migrate(database.url);
  pool = database.openPool();
  workflows = await DBOSClient.create({ systemDatabaseUrl: database.url });
});
afterAll(async () => {
  await workflows.destroy();
  await pool.end();
  await database.drop();
  await folder.remove();
});

const notNeeded = () => Promise.reject(new Error('neither a token nor a sandbox is needed to tidy'));

const dependencies = (now: Date) => {
  const mirrors = openMirrors({
    folder: path.join(folder.path, 'mirrors'),
    webUrl: 'https://github.example',
    uid: null,
    grantGitAccess: notNeeded,
  });
  return {
    db: pool,
    mirrors,
    workspaces: openWorkspaces({
      folder: path.join(folder.path, 'runs'),
      webUrl: 'https://github.example',
      sandboxes: { open: notNeeded, uid: null } as unknown as Sandboxes,
      mirrors,
      checkpoints: { save: notNeeded, load: notNeeded },
      grantGitAccess: notNeeded,
      findSibling: async () => null,
      egressOf: () => {
        throw new Error('nothing is installed here');
      },
      provide: notNeeded,
    }),
    config: { keepDays, mirrorsGb: 1 },
    log: createLog('fatal', []),
    now: () => now,
  };
};

/** What a hundred runs of one day leave, and as many deliveries that were refused. */
async function workForADay(day: Date) {
  const at = day.toISOString();
  const trigger = `jsonb_build_object('kind', 'label', 'body', repeat('x', 2000))`;
  const run = (column: string) => `md5('${at}' || n)::uuid as ${column}`;
  const days = `generate_series(1, ${runsPerDay}) n`;
  await pool.query(`insert into pullwright.deliveries (id, event, trigger, received_at, result)
    select kind || n || '${at}', 'issues', ${trigger}, '${at}', 'done' from ${days}, unnest(array['run', 'no']) kind`);
  await pool.query(`insert into pullwright.runs (id, delivery_id, repository_id, repository, issue_number, requested_by,
      trigger, status, outcome, created_at, settled_at)
    select ${run('id')}, 'run' || n || '${at}', n, 'acme/shop', extract(doy from timestamptz '${at}')::int, 'ada', ${trigger},
      case when n = 1 and '${at}' like '%-01-02T%' then 'running' else 'settled' end, null, '${at}',
      case when n = 1 and '${at}' like '%-01-02T%' then null else timestamptz '${at}' end from ${days}`);
  await pool.query(`insert into pullwright.run_events (run_id, key, at, event)
    select ${run('run_id')}, 'e' || e, '${at}', '{}' from ${days}, generate_series(1, 30) e`);
  await pool.query(`insert into pullwright.checkpoints (run_id, commit, bundle, created_at)
    select ${run('run_id')}, 'c' || c, decode(repeat('ab', 500), 'hex'), timestamptz '${at}' + c * interval '1 minute'
    from ${days}, generate_series(1, 8) c`);
  await pool.query(`insert into pullwright.outputs (run_id, name, gzip)
    select ${run('run_id')}, 'turn-1-1.txt', decode(repeat('ab', 500), 'hex') from ${days}`);
  await pool.query(`insert into pullwright.spend (run_id, turn, purpose, attempt, ending, model, input_tokens,
      cache_write_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, at)
    select ${run('run_id')}, 1, 'reply', 1, 'complete', 'm', 1, 1, 0, 1, 1, '${at}' from ${days}`);
  await pool.query(`insert into pullwright.failed_deliveries (guid, attempt, failed_at, next_at)
    select n || '${at}', n, '${at}', '${at}' from ${days}`);
  await pool.query(`insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at)
    select md5('${at}' || n)::uuid::text, case when n = 1 and '${at}' like '%-01-02T%' then 'PENDING' else 'SUCCESS' end,
      'implement-issue', ${day.getTime()}, ${day.getTime()} from ${days}`);
  await pool.query(`insert into dbos.operation_outputs (workflow_uuid, function_id, function_name, output)
    select md5('${at}' || n)::uuid::text, f, 'ask', repeat('x', 500) from ${days}, generate_series(1, 20) f`);
}

async function countRows(): Promise<Record<string, number>> {
  const tables = ['deliveries', 'runs', 'run_events', 'checkpoints', 'outputs', 'spend', 'failed_deliveries'];
  const names = [
    ...tables.map((table) => `pullwright.${table}`),
    'dbos.workflow_status',
    'dbos.operation_outputs',
  ];
  const counts = names.map(async (name) => {
    const { rows } = await pool.query(`select count(*)::int as n from ${name}`);
    return [name.split('.')[1], rows[0].n];
  });
  return Object.fromEntries(await Promise.all(counts));
}

test('in a month of a hundred runs a day the tables stop growing, and live runs stay', async () => {
  const first = Date.parse('2026-01-01T12:00:00Z');
  const afterDay: Record<string, number>[] = [];
  for (let day = 0; day < 31; day++) {
    const noon = new Date(first + day * dayMs);
    await workForADay(noon);
    await deleteExpired(
      dependencies(new Date(noon.getTime() + 3_600_000)),
      workflows as unknown as typeof DBOS,
    );
    afterDay.push(await countRows());
  }
  const [middle, last] = [afterDay[15], afterDay[30]];
  expect(last).toEqual(middle);
  const days = keepDays;
  // The day of the run that never ended kept one run, with its delivery and all that it did.
  expect(last).toEqual({
    runs: days * runsPerDay + 1,
    deliveries: 2 * days * runsPerDay + 1,
    run_events: (days * runsPerDay + 1) * 30,
    checkpoints: days * runsPerDay + 8,
    outputs: 1,
    spend: days * runsPerDay + 1,
    failed_deliveries: 4 * runsPerDay,
    workflow_status: days * runsPerDay + 1,
    operation_outputs: (days * runsPerDay + 1) * 20,
  });
});

test('mirrors that were long unused or take too much space are removed, oldest first, except those in use', async () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const mirrors = path.join(folder.path, 'mirrors');
  /** [repository, days since it was used]; 300 MB each. */
  for (const [id, days] of [
    [1, 40],
    [2, 35],
    [103, 5],
    [104, 4],
    [105, 3],
    [106, 2],
  ] as const) {
    const mirror = path.join(mirrors, `${id}.git`);
    await mkdir(path.join(mirror, 'objects', 'pack'), { recursive: true });
    await writeFile(path.join(mirror, 'HEAD'), 'ref: refs/heads/main\n');
    await writeFile(path.join(mirror, 'objects', 'pack', 'one.pack'), '');
    await truncate(path.join(mirror, 'objects', 'pack', 'one.pack'), 300 * 1024 * 1024);
    const used = new Date(now.getTime() - days * dayMs);
    await utimes(path.join(mirror, 'HEAD'), used, used);
  }
  await writeFile(path.join(mirrors, 'notes.txt'), '');
  // The first test's run that never ended is one of repository 1.
  await tidyMachine(dependencies(now));
  expect((await readdir(mirrors)).sort()).toEqual(['1.git', '104.git', '105.git', '106.git', 'notes.txt']);
});

test('a fragmented mirror is packed, a broken one is removed, and one in use is not changed', async () => {
  const now = new Date();
  const mirrors = path.join(folder.path, 'mirrors');
  // Repository 1 has the first test's run that never ended.
  for (const id of [1, 201, 202]) await makeLooseMirror(path.join(mirrors, `${id}.git`));
  const git = (id: number, ...args: string[]) => runGit(path.join(mirrors, `${id}.git`), args);
  const commit = (await git(201, 'rev-parse', 'refs/heads/main')).trim();
  await git(202, 'update-ref', '--no-deref', 'refs/heads/main', commit);
  const [first] = await readdir(path.join(mirrors, '202.git', 'objects'));
  await rm(path.join(mirrors, '202.git', 'objects', first ?? ''), { recursive: true });
  await tidyMachine(dependencies(now));
  expect(await git(201, 'count-objects')).toMatch(/^0 objects/);
  expect((await git(201, 'fsck', '--full', '--strict')).trim()).toBe('');
  expect(await git(201, 'cat-file', '-p', 'main:file-7')).toBe('7\n');
  const [pack, ...more] = (await readdir(path.join(mirrors, '201.git', 'objects', 'pack'))).filter((name) =>
    name.endsWith('.pack'),
  );
  expect(more).toEqual([]);
  // The sandbox's user reads it.
  expect((await stat(path.join(mirrors, '201.git', 'objects', 'pack', pack ?? ''))).mode & 0o044).toBe(0o044);
  expect((await readdir(mirrors)).filter((name) => /^20\d/.test(name))).toEqual(['201.git']);
  expect(await git(1, 'count-objects')).toMatch(/^2\d\d objects/);
});

test('the folder of a run that continued on another worker is removed', async () => {
  await mkdir(path.join(folder.path, 'runs', 'a-run-that-is-settled', 'tree'), { recursive: true });
  await tidyMachine(dependencies(new Date()));
  expect(await readdir(path.join(folder.path, 'runs'))).toEqual([]);
});

/** As it is after a hundred small fetches. */
async function makeLooseMirror(gitDir: string): Promise<void> {
  await rm(gitDir, { recursive: true, force: true });
  await runGit(gitDir, ['init', '--quiet', '--bare', '-b', 'main', gitDir]);
  const files = Array.from({ length: 250 }, (_, n) => `M 644 inline file-${n}\ndata <<E\n${n}\nE\n`).join('');
  const input = `commit refs/heads/main\ncommitter A <a@b.c> 1700000000 +0000\ndata 1\nx\n${files}\n`;
  await runGit(gitDir, ['-c', 'fastimport.unpackLimit=100000', 'fast-import', '--quiet'], input);
}

function runGit(gitDir: string, args: string[], input?: string): Promise<string> {
  return hostGit({ gitDir, ...(input && { input }) }).raw(...args);
}
