import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../src/database/connection/embedded-postgres.js';
import { createTemplate } from '../test/support/create-template.mjs';
import { measureCold, measureWarm } from './measure-conversation.js';
import { measureCopies } from './measure-copies.js';
import { measureEvidence } from './measure-evidence.js';
import { measureHostile } from './measure-hostile.js';
import { measureInstalls } from './measure-installs.js';
import { measureLongTests } from './measure-long-tests.js';
import { measureMemory } from './measure-memory.js';
import { measureScan } from './measure-scan.js';
import { measureServices } from './measure-services.js';
import { report } from './report.js';

/*
 * `npm run bench`: measures the cost of runs. The real app works on scripted conversations from the label to
 * the pull request, with real tool calls in the real sandbox. The exit code is 1 when a target is missed.
 */
const folder = await mkdtemp(path.join(tmpdir(), 'pullwright-bench-'));
// If the bench runs as root, Postgres runs as another user. That user must be able to enter the folder.
await chmod(folder, 0o711);
const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
// test-database.ts reads this variable and creates the databases of the bench on this server.
process.env.TEST_POSTGRES_URL = postgres.url;
await createTemplate(postgres.url);
try {
  const measureCalls = (calls: number) => {
    print(`measuring a conversation of ${calls} calls`);
    return measureCold(calls);
  };
  const short = await measureCalls(5);
  const usual = await measureCalls(20);
  const cold = [short, usual, await measureCalls(60)];
  print('measuring long tests');
  const longTests = await measureLongTests(usual);
  print('measuring the second task of an agent');
  const warm = await measureWarm(5);
  print('measuring seven simultaneous runs');
  const memory = await measureMemory(20, 6);
  print('measuring the scan of the largest file');
  const scan = await measureScan();
  print('measuring commands beside a Postgres');
  const services = await measureServices(folder);
  print('measuring copies of trees');
  const copies = await measureCopies(folder);
  print('measuring evidence on the demo');
  const evidence = await measureEvidence(process.env);
  print('measuring hostile texts');
  const hostile = await measureHostile();
  print('measuring installations with and without the proxy');
  const installs = await measureInstalls(folder, print);
  const reached = report(
    { cold, longTests, warm, memory, scan, services, copies, evidence, hostile, installs },
    (line) => console.log(line),
  );
  process.exitCode = reached ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

function print(text: string): void {
  console.error(`bench: ${text}`);
}
