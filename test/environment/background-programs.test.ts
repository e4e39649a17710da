import path from 'node:path';
import { expect, test } from '@jest/globals';
import { findRunner } from '../../src/evidence/commands/find-runner.js';
import { runTests } from '../../src/evidence/run-tests.js';
import { makeSandboxFolder } from '../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { ci, commandsOf, describeFiles, describeJobs, job, run } from './tree.js';

test('a program that one step starts in the background runs beside the tests of later steps', async () => {
  const { tests, preparation, unclear } = await describeJobs(
    job(
      'test',
      'run: npm ci',
      'run: npm run build',
      'run: npm start > app.log &\n        env: {PORT: 3000}',
      run('npx wait-on http://localhost:3000', 'sleep 2'),
      'run: npm test',
      'run: npm run test:e2e\n        working-directory: e2e\n        env: {BASE: "http://localhost:3000"}',
    ),
  );
  const beside =
    'PORT=3000 npm start > app.log & { npx wait-on http://localhost:3000 || sleep 5; }; sleep 2;';
  expect(commandsOf(tests)).toEqual([
    `(${beside} npm test)`,
    'e2e: ((cd .. && PORT=3000 npm start > app.log) & { (cd .. && npx wait-on http://localhost:3000) || sleep 5; }; (cd .. && sleep 2); npm run test:e2e)',
  ]);
  expect(commandsOf(preparation)).toEqual(['npm run build']);
  expect(unclear).toEqual([]);
});

test('a program for which CI does not wait gets some seconds; without a test after it, it does not matter', async () => {
  const { tests } = await describeJobs(
    job(
      'test',
      'uses: JarvusInnovations/background-action@v1\n        with: {run: "node server.js &", wait-on: "tcp:localhost:80"}',
      'run: npm test',
    ) +
      job('other', 'run: node mock.js &', 'run: npm run test:api') +
      job('lint', 'run: npm run lint', 'run: npm start &'),
  );
  expect(commandsOf(tests)).toEqual([
    '(node server.js & { npx wait-on tcp:localhost:80 || sleep 5; }; npm test)',
    '(node mock.js & sleep 5; npm run test:api)',
  ]);
});

test('start-server-and-test runs what its last word names', async () => {
  const scripts = {
    start: 'node server.js',
    api: 'mocha api',
    ui: 'cypress run',
    'test:api': 'start-server-and-test start 3000 api',
  };
  const files = {
    'package.json': JSON.stringify({ scripts }),
    [ci]: `on: push\njobs:\n${job('a', 'run: npm run test:api', "run: npx start-server-and-test start http://localhost:3000 'npm run ui'")}`,
  };
  expect(commandsOf((await describeFiles(files)).tests)).toEqual(['npm run test:api']);
});

test("a container of the repository's own program is named", async () => {
  const { unclear, services } = await describeJobs(
    job('test', 'run: docker compose up -d', 'run: npm test'),
    {
      'compose.yml':
        'services:\n  api: {build: ., ports: ["3000:3000"]}\n  db: {image: "postgres:16"}\n  web: {build: {context: web}, image: acme/web}\n',
    },
  );
  expect(services).toMatchObject([{ name: 'db' }]);
  expect(unclear).toEqual([
    `${ci}: \`docker compose up -d\` also starts api and web, which are built from the repository, so the tests run without them.`,
  ]);
});

test('the joined command ends with its tests, although the program goes on', async () => {
  const { tests } = await describeJobs(
    job('test', 'run: node server.mjs &', 'run: sleep 2', 'run: node --test'),
  );
  const folder = await createTemporaryFolder();
  const sandboxes = await openTestSandboxes(folder.path);
  const tree = path.join(folder.path, 'tree');
  await makeSandboxFolder(tree, sandboxes.uid);
  const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  const script = `cat > server.mjs <<'END'
import http from 'node:http';
http.createServer((_, answer) => answer.end('hello')).listen(3456);
END
cat > a.test.mjs <<'END'
import assert from 'node:assert';
import test from 'node:test';
test('greets', async () => assert.equal(await (await fetch('http://localhost:3456')).text(), 'hello'));
END`;
  await sandbox.execute({ script, timeoutMs: 10_000 });
  const [command = ''] = commandsOf(tests);
  const { run: result } = await runTests(
    sandbox,
    { command, folder: '', ...findRunner(command, {}) },
    { timeoutMs: 240_000 },
  );
  expect(result).toMatchObject({
    ended: 'exited',
    exitCode: 0,
    cases: [{ id: 'a.test.mjs › greets', outcome: 'passed' }],
  });
  await sandbox.dispose();
  await folder.remove();
});
