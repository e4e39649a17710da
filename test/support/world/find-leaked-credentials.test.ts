import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../../local-github/local-github.js';
import { webhookSecret } from '../start-app.js';
import { createTemporaryFolder } from '../temporary-folder.js';
import { createTestDatabase, type TestDatabase } from '../test-database.js';
import { findLeakedCredentials, type Remains } from './find-leaked-credentials.js';

/* Plants a credential in each place, to show that the search at the end of every journey finds it there. */

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let github: LocalGitHub;
let database: TestDatabase;
let clean: Remains;
const key = 'sk-ant-api03-a-key-for-this-test-that-opens-nothing';

beforeAll(async () => {
  folder = await createTemporaryFolder();
  [github, database] = await Promise.all([
    startLocalGitHub({ folder: path.join(folder.path, 'github') }),
    createTestDatabase(),
  ]);
  await github.createRepository('acme/plain', { files: { 'a.txt': 'a\n' } });
  github.tokens.mint(github.state.installations[0] as never, null, {});
  await database.query('create table pullwright.notes (note jsonb)');
  await database.query('create table dbos.steps (output text, raw bytea)');
  // Unlike the real table, this one accepts a bundle without its run.
  await database.query('drop table pullwright.checkpoints');
  await database.query('create table pullwright.checkpoints (bundle bytea)');
  await mkdir(path.join(folder.path, 'home', 'mirrors'), { recursive: true });
  clean = {
    github,
    model: { requests: [], apiKey: key },
    database,
    apps: [{ log: ['started'] }],
    homes: [path.join(folder.path, 'home')],
  };
});

afterAll(async () => {
  await Promise.all([github.stop(), database.drop()]);
  await folder.remove();
});

const token = () => github.tokens.values()[0] ?? '';
const sent = (part: object) => ({
  method: 'POST',
  path: '/x',
  query: {},
  body: null,
  headers: {},
  status: 200,
  ...part,
});

describe('the search for leaked credentials', () => {
  test('finds nothing where there is nothing', async () => {
    expect(await findLeakedCredentials(clean)).toEqual([]);
  });

  test('finds one in a log, plain and encoded, and does not print its value', async () => {
    const lines = [
      ['the webhook secret', `failed: ${webhookSecret}`],
      ['the webhook secret', Buffer.from(`failed: ${webhookSecret}`).toString('base64')],
      ['the private key', github.privateKey.split('\n')[5] ?? ''],
      ['the key of the model', JSON.stringify({ key })],
      ['a token', `Authorization: ${token()}`],
      ['a token', Buffer.from(`x-access-token:${token()}`).toString('base64')],
    ];
    for (const [name = '', line = ''] of lines)
      expect(await findLeakedCredentials({ ...clean, apps: [{ log: ['started', line] }] })).toEqual([
        `${name} in log: app 1`,
      ]);
  });

  test.each([
    ['an address', { path: `/x?token=${encodeURIComponent(webhookSecret)}` }],
    ['a query', { query: { token: webhookSecret } }],
    ['a body', { body: { body: webhookSecret } }],
    ['a header', { headers: { 'x-note': webhookSecret } }],
  ])('finds one in a request to GitHub: %s', async (_, part) => {
    const requests = [sent(part)] as never;
    expect(await findLeakedCredentials({ ...clean, github: { ...github, requests } })).toEqual([
      expect.stringMatching(/^the webhook secret in github: POST \/x/),
    ]);
  });

  test('finds one in a request to the model, except for the API key in its header', async () => {
    const withRequest = (request: object) => ({
      ...clean,
      model: { apiKey: key, requests: [request] as never },
    });
    expect(await findLeakedCredentials(withRequest({ body: {}, headers: { 'x-api-key': key } }))).toEqual([]);
    const body = { messages: [{ content: token() }] };
    expect(await findLeakedCredentials(withRequest({ body, headers: {} }))).toEqual([
      'a token in model: request 1',
    ]);
    expect(await findLeakedCredentials(withRequest({ body, headers: {} }), ['model'])).toEqual([]);
  });

  test('finds one in a row of the database, as text, JSON or bytes', async () => {
    const rows: [string, string, unknown, string][] = [
      [
        'insert into pullwright.notes values ($1)',
        'delete from pullwright.notes',
        { a: [key] },
        'database pullwright: notes',
      ],
      ['insert into dbos.steps (output) values ($1)', 'delete from dbos.steps', key, 'database dbos: steps'],
      [
        'insert into dbos.steps (raw) values ($1)',
        'delete from dbos.steps',
        Buffer.from(key),
        'database dbos: steps',
      ],
    ];
    for (const [insert, remove, value, place] of rows) {
      await database.query(insert, [value]);
      expect(await findLeakedCredentials(clean)).toEqual([`the key of the model in ${place}`]);
      await database.query(remove);
    }
  });

  test('finds one in a file below the home', async () => {
    const file = path.join(folder.path, 'home', 'mirrors', 'config');
    await writeFile(file, `[http]\n\textraHeader = ${token()}\n`);
    expect(await findLeakedCredentials(clean)).toEqual(['a token in home: mirrors/config']);
    await writeFile(file, '');
  });

  test('finds one in a compressed checkpoint', async () => {
    const base = await github.commitFiles('acme/plain', {
      branch: 'work',
      files: { 'b.txt': `${key}\n` },
      message: 'B',
      author: 'acme',
    });
    const file = path.join(folder.path, 'work.bundle');
    for (const args of [
      ['bundle', 'create', '--quiet', file, 'main..work'],
      ['update-ref', '-d', 'refs/heads/work'],
      ['reflog', 'expire', '--expire=now', '--all'],
      ['prune', '--expire=now'],
    ])
      await github.git('acme/plain', args);
    const bundle = await readFile(file);
    expect(base).toMatch(/^[0-9a-f]{40}$/);
    expect(await findLeakedCredentials(clean)).toEqual([]);
    await database.query('insert into pullwright.checkpoints values ($1)', [bundle]);
    expect(await findLeakedCredentials(clean)).toEqual(['the key of the model in checkpoint: all bundles']);
    await database.query('delete from pullwright.checkpoints');
  });

  test('finds one in a file, a file name or a message of any branch', async () => {
    const commits: { branch: string; files: Record<string, string>; message: string }[] = [
      { branch: 'one', files: { 'c.txt': key }, message: 'C' },
      { branch: 'two', files: { [`${key}.txt`]: 'd' }, message: 'D' },
      { branch: 'three', files: { 'e.txt': 'e' }, message: `E ${key}` },
    ];
    for (const [index, commit] of commits.entries()) {
      const name = `acme/planted-${index}`;
      await github.createRepository(name, { files: { 'a.txt': 'a\n' } });
      await github.commitFiles(name, { ...commit, author: 'acme' });
      expect(await findLeakedCredentials(clean)).toEqual(['the key of the model in git: all repositories']);
      github.state.repositories.pop();
    }
  });
});
