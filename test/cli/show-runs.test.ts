import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { showRun, showRuns } from '../../src/cli/show-runs.js';
import type { Config } from '../../src/config/read-config.js';
import { appendEvent } from '../../src/database/run-events.js';
import { startLabelRun } from '../database/test-runs.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let config: Config;
const now = new Date();

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await createTemporaryFolder();
  config = { databaseUrl: database.url, home: folder.path } as Config;
});

afterAll(async () => {
  await database.drop();
  await folder.remove();
});

async function linesOf(show: (options: Parameters<typeof showRuns>[1]) => Promise<number>, json = false) {
  const lines: string[] = [];
  const code = await show({ json, now, print: (line) => lines.push(line) });
  return { lines, code };
}

test('without runs, the list says so', async () => {
  expect(await linesOf((options) => showRuns(config, options))).toEqual({
    lines: ['There are no runs yet.'],
    code: 0,
  });
  expect(await linesOf((options) => showRuns(config, options), true)).toEqual({ lines: [], code: 0 });
});

test('a run that does not exist is an error', async () => {
  for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense']) {
    const { lines, code } = await linesOf((options) => showRun(config, id, options));
    expect(code).toBe(1);
    expect(lines).toEqual([`run: expected the id of a run, as in \`pullwright runs\`; found "${id}"`]);
  }
});

test('a run is shown with its events in order, one line each, as words or as JSON', async () => {
  const pool = database.openPool();
  const id = await startLabelRun(pool, 31);
  await appendEvent(pool, id, { type: 'queued', ahead: 0 });
  await appendEvent(pool, id, { type: 'held', reason: 'first\n  second \u001b[31mred\u202e' });
  await pool.end();

  const list = await linesOf((options) => showRuns(config, options));
  expect(list.lines).toEqual([expect.stringMatching(new RegExp(`^${id} +\\d+s ago +\\S+#31 +queued$`))]);

  const words = await linesOf((options) => showRun(config, id, options));
  expect(words).toEqual({
    lines: [
      list.lines[0],
      expect.stringMatching(/^https:\/\/\S+\/issues\/31$/),
      expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}queued, next in line$/),
      expect.stringMatching(/Z {2}waiting in the queue: first second \\u001b\[31mred\\u202e$/),
    ],
    code: 0,
  });

  const json = await linesOf((options) => showRun(config, id, options), true);
  expect(json.lines.map((line) => JSON.parse(line).event)).toEqual([
    { type: 'queued', ahead: 0 },
    { type: 'held', reason: 'first\n  second \u001b[31mred\u202e' },
  ]);
  expect(json.lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
