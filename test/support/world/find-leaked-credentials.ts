import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { LocalGitHub } from '../../../local-github/local-github.js';
import type { ScriptedModel } from '../../../scripted-model/scripted-model.js';
import { type App, webhookSecret } from '../start-app.js';
import type { TestDatabase } from '../test-database.js';
import { createNeedles, findNeedle, fold } from './search-folded.js';

/** Everything that is searched when a world ends. */
export interface Remains {
  github: Pick<LocalGitHub, 'requests' | 'privateKey' | 'tokens' | 'state'>;
  model: Pick<ScriptedModel, 'requests' | 'apiKey'>;
  database: Pick<TestDatabase, 'query' | 'url'>;
  apps: Pick<App, 'log'>[];
  homes: string[];
}

/**
 * Places that may hold a credential when a test had the model say it: the app keeps a conversation to
 * continue it.
 */
export type Exempt = 'model' | 'database dbos' | 'checkpoint';

interface Content {
  kind: 'log' | 'github' | 'git' | 'home' | 'database pullwright' | Exempt;
  place: string;
  content: string | Buffer;
}

/** A leak of one piece of a credential counts as a leak of all of it. */
const pieceLength = 20;
const largestFile = 50_000_000;

/**
 * Searches everything that a world left for its credentials: logs, database, files, git, and all that was
 * sent.
 * @returns the places, never the values
 */
export async function findLeakedCredentials(
  remains: Remains,
  exempt: readonly Exempt[] = [],
): Promise<string[]> {
  const credentials = credentialsOf(remains);
  const pieces = new Map(
    Object.entries(credentials).flatMap(([name, values]) =>
      values.flatMap(piecesOf).map((piece) => [piece, name] as const),
    ),
  );
  const needles = createNeedles(pieces.keys());
  const places: string[] = [];
  for await (const { kind, place, content } of contentsOf(remains)) {
    if (exempt.some((one) => one === kind)) continue;
    const found = findNeedle(needles, Buffer.from(content as string));
    if (found) places.push(`${pieces.get(found)} in ${kind}: ${place}`);
  }
  return places;
}

function credentialsOf({ github, model, database }: Remains): Record<string, string[]> {
  const password = decodeURIComponent(new URL(database.url).password);
  return {
    'the webhook secret': [webhookSecret],
    // Without the header, which is the same in every key.
    'the private key': [github.privateKey.replace(/-----[^-]*-----|\s/g, '').slice(52)],
    'the key of the model': [model.apiKey],
    'a token': github.tokens.values().map((token) => token.slice(token.lastIndexOf('.') + 1)),
    'the password of the database': password.length >= pieceLength ? [password] : [],
  };
}

/** @returns a value in plain, hexadecimal and base64 at each alignment, folded and cut into pieces */
function piecesOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : shift + 1, -4),
  );
  return [value, bytes.toString('hex'), ...base64].flatMap((form) => {
    const folded = fold(form);
    return folded.length <= 2 * pieceLength
      ? [folded].filter(({ length }) => length >= pieceLength)
      : (folded.match(new RegExp(`.{${pieceLength}}`, 'g')) ?? []);
  });
}

/** Decodes the percent signs of an address. A sequence that is not one stays as it is. */
function decodeAddress(address: string): string {
  return address.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

async function* contentsOf({ github, model, database, apps, homes }: Remains): AsyncGenerator<Content> {
  for (const [index, { log }] of apps.entries())
    yield { kind: 'log', place: `app ${index + 1}`, content: log.join('\n') };
  for (const { method, path: address, query, body, headers } of github.requests)
    yield {
      kind: 'github',
      place: `${method} ${address}`,
      content: [address, decodeAddress(address), JSON.stringify([query, body, headers])].join('\n'),
    };
  for (const [index, { body, headers }] of model.requests.entries())
    yield {
      kind: 'model',
      place: `request ${index + 1}`,
      content: JSON.stringify([body, { ...headers, 'x-api-key': undefined, authorization: undefined }]),
    };
  yield* rowsOf(database);
  for (const home of homes) yield* filesOf(home);
  yield* objectsOf(
    github.state.repositories.map(({ folder }) => folder),
    await bundlesOf(database),
  );
}

async function* rowsOf(database: Remains['database']): AsyncGenerator<Content> {
  const tables = await database.query<{ schema: string; name: string }>(
    `select table_schema as schema, table_name as name from information_schema.tables
     where table_schema in ('pullwright', 'dbos') and table_type = 'BASE TABLE'`,
  );
  for (const { schema, name } of tables) {
    const rows = await database.query<{ row: string }>(
      `select to_jsonb(t)::text as row from "${schema}"."${name}" t`,
    );
    const kind = schema === 'dbos' ? 'database dbos' : 'database pullwright';
    for (const { row } of rows) yield { kind, place: name, content: row };
  }
}

async function* filesOf(folder: string): AsyncGenerator<Content> {
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    const file = path.join(folder, name);
    const info = await stat(file).catch(() => null);
    // The embedded Postgres keeps its password there, for itself and its owner.
    if (!info?.isFile() || info.size > largestFile || name === path.join('postgres', 'password')) continue;
    yield { kind: 'home', place: name, content: await readFile(file) };
  }
}

async function bundlesOf(database: Remains['database']): Promise<Buffer[]> {
  const there = await database.query<{ there: string | null }>(
    "select to_regclass('pullwright.checkpoints') as there",
  );
  if (!there[0]?.there) return [];
  const rows = await database.query<{ bundle: Buffer }>('select bundle from pullwright.checkpoints');
  return rows.map(({ bundle }) => bundle);
}

/**
 * Yields every file, name and message of any commit: first those of the repositories, then those of the
 * checkpoints.
 */
async function* objectsOf(folders: string[], bundles: Buffer[]): AsyncGenerator<Content> {
  if (folders.length === 0) return;
  const store = await mkdtemp(path.join(tmpdir(), 'pullwright-objects-'));
  try {
    await promisify(execFile)('git', ['init', '--bare', '--quiet', store]);
    const alternates = folders.map((folder) => path.join(folder, 'objects')).join(':');
    yield { kind: 'git', place: 'all repositories', content: await readObjects(store, alternates) };
    if (bundles.length === 0) return;
    for (const bundle of bundles) {
      // A bundle is a few lines and a pack.
      const pack = bundle.subarray(bundle.indexOf('\n\nPACK') + 2);
      await runGit(store, ['index-pack', '--stdin', '--fix-thin'], alternates, pack);
    }
    yield { kind: 'checkpoint', place: 'all bundles', content: await readObjects(store, alternates) };
  } finally {
    await rm(store, { recursive: true, force: true });
  }
}

function readObjects(store: string, alternates: string): Promise<Buffer> {
  return runGit(store, ['cat-file', '--batch-all-objects', '--batch', '--unordered'], alternates);
}

async function runGit(store: string, args: string[], alternates: string, input?: Buffer): Promise<Buffer> {
  const child = spawn('git', ['--git-dir', store, ...args], {
    env: { PATH: process.env.PATH, GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.end(input);
  const output = await buffer(child.stdout);
  if ((await ended) !== 0) throw new Error(`git ${args[0]} failed`);
  return output;
}
