import { describe, expect, test } from '@jest/globals';
import { findMigrations } from '../../src/migrations/find/find-migrations.js';
import type { Settings } from '../../src/task/settings.js';
import type { Change } from '../../src/workspace/workspace.js';

type Files = Record<string, string>;

const tree = (files: Files) => ({
  files: new Set(Object.keys(files)),
  readFile: async (file: string) => files[file] ?? null,
});
const manifest = (packages: string[], scripts: Files = {}) =>
  JSON.stringify({ scripts, dependencies: Object.fromEntries(packages.map((name) => [name, '1'])) });

/** Finds the migrations of a change that adds and edits files. */
async function find(
  base: Files,
  changed: Files,
  more: { ci?: string[]; settings?: Settings['migrations'] } = {},
) {
  const changes = Object.keys(changed).map(
    (path) => ({ path, status: path in base ? 'modified' : 'added' }) as Change,
  );
  const preparation = (more.ci ?? []).map((command) => ({ command, folder: '', source: 'ci.yml' }));
  return findMigrations({
    ...{ base: tree(base), change: tree({ ...base, ...changed }), changes },
    ...{ environment: { preparation }, settings: { migrations: more.settings ?? null } },
  });
}

const bin = 'PATH="$PWD/node_modules/.bin:/workspace/node_modules/.bin:$PATH"; ';

describe('a tool is found by its files and its package', () => {
  test.each([
    ['node-pg-migrate', 'migrations/2_b.js', 'node-pg-migrate up', 'node-pg-migrate down'],
    ['knex', 'db/migrations/2_b.ts', 'knex migrate:latest', 'knex migrate:down'],
    ['prisma', 'prisma/migrations/2_b/migration.sql', 'prisma migrate deploy', null],
    ['drizzle-kit', 'drizzle/0002_b.sql', 'drizzle-kit migrate', null],
    ['sequelize-cli', 'migrations/2-b.cjs', 'sequelize-cli db:migrate', 'sequelize-cli db:migrate:undo'],
    ['kysely-ctl', 'src/migrations/2_b.ts', 'kysely migrate:latest', 'kysely migrate:down'],
    ['@mikro-orm/migrations', 'src/migrations/M2.ts', 'mikro-orm migration:up', 'mikro-orm migration:down'],
    ['db-migrate', 'migrations/2-b.js', 'db-migrate up', 'db-migrate down'],
  ])('%s', async (name, file, up, down) => {
    const found = await find({ 'package.json': manifest([name]) }, { [file]: '' });
    expect(found).toMatchObject({ added: [file], edited: [], hasBase: false });
    expect(found?.commands).toMatchObject({ up: `${bin}${up}`, down: down && `${bin}${down}` });
  });

  test('TypeORM gets its data source, in the folder of its package', async () => {
    const base = { 'api/package.json': manifest(['typeorm']), 'api/src/data-source.ts': '' };
    const found = await find(base, { 'api/src/migration/2-b.ts': '' });
    expect(found?.commands).toMatchObject({
      folder: 'api',
      up: `${bin}typeorm-ts-node-commonjs migration:run -d 'src/data-source.ts'`,
      down: `${bin}typeorm-ts-node-commonjs migration:revert -d 'src/data-source.ts'`,
    });
  });

  test.each([
    ['alembic.ini', 'alembic/versions/2_b.py', 'alembic downgrade -1'],
    ['manage.py', 'shop/migrations/0002_b.py', null],
    ['Rakefile', 'db/migrate/2_b.rb', 'bin/rails db:rollback'],
  ])('%s', async (marker, file, down) => {
    const found = await find({ [marker]: '' }, { [file]: '' });
    expect(found?.commands?.down).toBe(down && `${bin}${down}`);
  });

  test('files of SQL need no tool', async () => {
    const found = await find({}, { 'db/migrations/2.up.sql': '', 'db/migrations/2.down.sql': '' });
    expect(found).toMatchObject({ tool: 'SQL files', added: ['db/migrations/2.up.sql'], commands: null });
  });

  test('a folder without a known tool needs a script', async () => {
    const base = {
      'package.json': manifest(['pg'], { migrate: 'node migrate.js', 'db:seed': 'node seed.js' }),
    };
    const found = await find(base, { 'migrations/2.js': '' });
    expect(found?.commands).toEqual({
      ...{ folder: '', up: 'npm run migrate', down: null, seed: 'npm run db:seed' },
      isForTests: false,
    });
  });
});

describe('the commands of the repository come first', () => {
  const files = { 'migrations/1_a.js': 'x' };
  test('those of CI, before the scripts', async () => {
    const scripts = { 'db:up': 'knex --knexfile db.js migrate:latest', migrate: 'knex migrate:latest' };
    const base = { ...files, 'package.json': manifest(['knex'], scripts) };
    const found = await find(base, { 'migrations/2_b.js': '' }, { ci: ['npm run build', 'npm run db:up'] });
    // CI only counts if its command has something to do with migrations.
    expect(found?.commands?.up).toBe('npm run db:up');
    const migrate = await find(base, { 'migrations/2_b.js': '' }, { ci: ['npm run migrate'] });
    expect(migrate?.commands?.up).toBe('npm run migrate');
  });
  test('even if only CI knows the program that they start', async () => {
    const base = { ...files, 'package.json': manifest(['knex']) };
    const found = await find(base, { 'migrations/2_b.js': '' }, { ci: ['make migrate'] });
    expect(found?.commands).toMatchObject({ up: `${bin}make migrate`, down: null, isForTests: true });
  });
  test('a script, with the options that it has', async () => {
    const scripts = { 'migrate:make': 'knex migrate:make', 'db:up': 'knex --knexfile db.js migrate:latest' };
    const base = { ...files, 'package.json': manifest(['knex'], scripts) };
    const found = await find(base, { 'migrations/2_b.js': '' });
    expect(found?.commands).toMatchObject({
      up: 'npm run db:up',
      down: `${bin}knex --knexfile db.js migrate:down`,
    });
    expect(found?.hasBase).toBe(true);
  });
  test('a script that only names the program gets the words', async () => {
    const base = {
      ...files,
      'package.json': manifest(['node-pg-migrate'], { migrate: 'node-pg-migrate -m db' }),
    };
    const found = await find(base, { 'migrations/2_b.js': '' });
    expect(found?.commands).toMatchObject({
      up: 'npm run migrate -- up',
      down: `${bin}node-pg-migrate -m db down`,
    });
  });
  test('not one that makes migrations or works only for developers', async () => {
    const scripts = { migrate: 'prisma migrate dev', 'db:push': 'prisma db push' };
    const base = { 'package.json': manifest(['prisma'], scripts) };
    const found = await find(base, { 'prisma/migrations/2/migration.sql': '' });
    expect(found?.commands?.up).toBe(`${bin}prisma migrate deploy`);
  });
  test('the settings, before everything else', async () => {
    const settings = { folder: 'sql', up: 'make up', down: 'make down', seed: null };
    const base = { 'sql/1.sql': '', 'package.json': manifest(['knex'], { migrate: 'knex migrate:latest' }) };
    const found = await find(base, { 'sql/2.sql': '', 'migrations/2.js': '' }, { settings });
    expect(found).toMatchObject({ added: ['sql/2.sql'], hasBase: true });
    expect(found?.commands).toEqual({
      ...{ folder: '', up: 'make up', down: 'make down', seed: null },
      isForTests: true,
    });
    expect(await find(base, { 'sql/2.sql': '' }, { settings: 'none' })).toBeNull();
  });
});

test('a folder of the settings contains migrations of any name', async () => {
  const settings = { folder: 'changes', up: null, down: null, seed: null };
  const base = { 'package.json': manifest(['knex']), 'changes/1.js': '' };
  const found = await find(base, { 'changes/2.js': '' }, { settings });
  expect(found).toMatchObject({ tool: 'Knex', added: ['changes/2.js'], hasBase: true });
});

test('seeds of the repository are used, and migrations of another project are named', async () => {
  const base = { 'package.json': manifest(['knex']), 'seeds/1.js': '', 'b/package.json': manifest(['knex']) };
  const found = await find(base, {
    'b/migrations/1.js': '',
    'migrations/1.js': '',
    'x/migrations/1.sql': '',
  });
  expect(found).toMatchObject({
    added: ['b/migrations/1.js'],
    leftOut: ['migrations/1.js', 'x/migrations/1.sql'],
  });
  expect(found?.commands).toMatchObject({ folder: 'b', seed: `${bin}knex seed:run` });
});

test('an edited migration is named, and a change without migrations has none', async () => {
  const base = { 'package.json': manifest(['knex']), 'migrations/1_a.js': '', 'src/a.js': '' };
  expect(await find(base, { 'migrations/1_a.js': '' })).toMatchObject({
    added: [],
    edited: ['migrations/1_a.js'],
  });
  expect(await find(base, { 'src/a.js': '', 'test/migrations/a.test.js': '' })).toBeNull();
});
