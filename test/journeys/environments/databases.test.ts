import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type NpmRegistry, startNpmRegistry } from '../../support/npm-registry.js';
import { packInstalled } from '../../support/pack-installed.js';
import { queryModule } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let registry: NpmRegistry;
let world: World;

beforeAll(async () => {
  registry = await startNpmRegistry(packInstalled('pg'));
  world = await startWorld({ EGRESS: 'registries', npm_config_registry: registry.url });
});

afterAll(async () => {
  await world.stop();
  await registry.stop();
});

const url = 'postgres://shop:secret@localhost:5432/shop_test';

/** A service with a database, a queue and a migration, as its CI describes it. */
const shop = {
  '.gitignore': 'node_modules\n',
  'package.json': JSON.stringify({
    name: 'shop',
    type: 'module',
    scripts: { test: 'node --test', migrate: 'node migrate.js' },
    dependencies: { pg: '^8.0.0' },
  }),
  '.github/workflows/ci.yml': `on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      postgres:
        image: postgres:18
        env: { POSTGRES_USER: shop, POSTGRES_PASSWORD: secret, POSTGRES_DB: shop_test }
        ports: ['5432:5432']
      queue:
        image: rabbitmq:3
        ports: ['5672:5672']
    env:
      DATABASE_URL: ${url}
      API_TOKEN: \${{ secrets.API_TOKEN }}
    steps:
      - uses: actions/checkout@v4
      - run: npm install
      - run: npm run migrate
      - run: npm test
`,
  'compose.yaml': 'services:\n  db:\n    image: postgres:15\n    ports: ["5433:5432"]\n',
  'db.js': queryModule,
  'migrate.js': "import { query } from './db.js';\nawait query('create table items (name text not null)');\n",
  'items.js':
    "import { query } from './db.js';\nexport const add = (name) => query('insert into items values ($1)', [name]);\nexport const list = async () => (await query('select name from items order by name')).map(({ name }) => name);\n",
  'items.test.js': `import assert from 'node:assert';
import { test } from 'node:test';
import { add, list } from './items.js';

test('an empty shop has no items', async () => assert.deepEqual(await list(), []));
test('lists what was added', async () => {
  await add('pear');
  assert.deepEqual(await list(), ['pear']);
});
`,
};

const count =
  "node -e \"import('./items.js').then(async ({ list }) => console.log('items:', (await list()).length))\"";

describe('a repository with a database', () => {
  test('is tested beside the services of its CI, and what the server lacks is named', async () => {
    const { outcome, comment, pulls, run } = await runIssue(world, {
      files: shop,
      turns: [
        {
          // The first message of the task.
          expect: ['PostgreSQL 18', 'rabbitmq:3', '2 passed, 0 failed'],
          calls: [
            ['bash', { command: `node -e "import('./items.js').then(({ add }) => add('plum'))"` }],
            ['bash', { command: count }],
          ],
        },
        {
          // The agent's database keeps its data from one command to the next.
          expect: ['items: 1'],
          calls: [
            [
              'bash',
              {
                command: `node -e "import('./db.js').then(({ query }) => query('delete from items'))"
cat >> items.js <<'END'
export const remove = (name) => query('delete from items where name = $1', [name]);
END
cat > remove.test.js <<'END'
import assert from 'node:assert';
import { test } from 'node:test';
import { add, list, remove } from './items.js';
test('removes', async () => {
  await add('fig');
  await remove('fig');
  for (let times = 0; times < 12; times++) await list();
  assert.equal((await list()).includes('fig'), false);
});
END`,
              },
            ],
            ['submit', { title: 'Remove items', summary: 'remove() deletes an item.' }],
          ],
        },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'pull-request' });
    expect(comment).toMatch(/the tests need: [^\n]*Postgres 18[^\n]*\.github\/workflows\/ci\.yml/);
    expect(comment).toMatch(/\*\*note:\*\* [^\n]*rabbitmq:3/);
    expect(comment).not.toContain('shop:secret');
    expect(pulls[0]?.body).toMatch(/before, on the base commit \| 2 \| 0 \| 0 \| exit code 0/);
    expect(pulls[0]?.body).toMatch(/after, with the change \| 3 \| 0 \| 0 \| exit code 0/);
    expect(pulls[0]?.body).toContain('rabbitmq:3');
    expect(pulls[0]?.body).toMatch(
      /Database: \d+ statements in 3 tests, 1 repeated, 1 without an index<\/summary>/,
    );
    expect(pulls[0]?.body).toContain(
      '- 13 times: `select name from items order by name` in `remove.test.js › removes`',
    );
    expect(pulls[0]?.body).toContain(
      '- `name = ?` on `items`: `delete from items where name = $1` in `remove.test.js › removes`',
    );
    const events = await run.events();
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'queries-recorded', tests: 3, repeated: 1, unindexed: 1 }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'set-up',
        ok: true,
        commands: [expect.stringContaining('npm install'), 'npm run migrate'],
        missing: expect.arrayContaining([expect.stringContaining('rabbitmq:3')]),
      }),
    );
  });

  test('shows its plan without a run of the agent', async () => {
    const issue = await world.prepareIssue({ files: shop, turns: [] });
    const asked = world.model.requests.length;
    const { outcome } = await (await world.comment(issue, '/implement --plan')).settled();
    expect(outcome).toMatchObject({ kind: 'plan', verdict: expect.stringContaining('test by test') });
    const comment = world.progress(issue.name, issue.number);
    expect(comment).toContain('**Plan:**');
    expect(comment).toMatch(/Setup: .*npm run migrate/);
    expect(comment).toMatch(/npm test.* 2 passed, 0 failed/);
    expect(comment.match(/rabbitmq:3/g)).toHaveLength(1);
    expect(comment).toContain('the tests run without API_TOKEN');
    expect(world.model.requests).toHaveLength(asked);
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });
});
