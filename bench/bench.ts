import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../src/database/connection/embedded-postgres.js';
import { measureCold, measureWarm } from './measure-conversation.js';
import { measureMemory } from './measure-memory.js';
import { measureScan } from './measure-scan.js';
import { report } from './report.js';

/*
 * What a run costs, counted on scripted conversations that the real app works through: from the label to the pull request, with
 * real calls in the real sandbox. Exits with 1 when a target is missed.
 */
const folder = await mkdtemp(path.join(tmpdir(), 'pullwright-bench-'));
// As root, Postgres runs as another user, who has to get into the folder.
await chmod(folder, 0o711);
const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
// Where the tests' databases are made too (test-database.ts).
process.env.TEST_POSTGRES_URL = postgres.url;
try {
  const cold = [];
  for (const calls of [5, 20, 60]) {
    say(`a conversation of ${calls} calls`);
    cold.push(await measureCold(calls));
  }
  say("an agent's second task");
  const warm = await measureWarm(5);
  say('seven runs at once');
  const memory = await measureMemory(20, 6);
  say('a scan of the largest file');
  const scan = await measureScan();
  const reached = report({ cold, warm, memory, scan }, (line) => console.log(line));
  process.exitCode = reached ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

function say(what: string): void {
  console.error(`bench: ${what}`);
}
