import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runGit } from '../../local-github/git/run-git.js';
import type { LocalGitHub } from '../../local-github/local-github.js';
import type { ScriptedModel } from '../../scripted-model/scripted-model.js';
import { webhookSecret } from './app-environment.js';
import { createNeedles, findNeedles, fold, foldText } from './search-folded.js';
import type { App } from './start-app.js';
import type { TestDatabase } from './test-database.js';

/** What is looked through when a world ends. */
export interface Remains {
  github: Pick<LocalGitHub, 'requests' | 'privateKey' | 'tokens' | 'state'>;
  model: Pick<ScriptedModel, 'requests' | 'apiKey'>;
  database: Pick<TestDatabase, 'query' | 'url'>;
  apps: Pick<App, 'log'>[];
  homes: string[];
}

/** Where a credential may be all the same, since a test made the model say it: what the model says is kept, to go on with it. */
export type Exempt = 'model' | 'database dbos' | 'checkpoint';

const pieceLength = 20;

/**
 * Looks for the credentials of a world in everything that it left: logs, database, files, git, and all that was sent.
 * @returns the places, never the values
 */
export async function findCanaries(remains: Remains, exempt: readonly Exempt[] = []): Promise<string[]> {
  const canaries = canariesOf(remains);
  const needles = createNeedles(Object.values(canaries).flat().flatMap(formsOf));
  const nameOf = (found: string) =>
    Object.entries(canaries).find(([, values]) => values.flatMap(formsOf).includes(found))?.[0];
  const places: string[] = [];
  for await (const { kind, place, content } of contentsOf(remains)) {
    if (exempt.some((one) => one === kind)) continue;
    const folded = fold(Buffer.from(content as string));
    const [hit] = findNeedles(needles, folded);
    if (hit)
      places.push(`${nameOf(Buffer.from(folded.bytes.subarray(...hit)).toString())} in ${kind}: ${place}`);
  }
  return places;
}

function canariesOf({ github, model, database }: Remains): Record<string, string[]> {
  const password = decodeURIComponent(new URL(database.url).password);
  return {
    'the webhook secret': [webhookSecret],
    // Its first line begins like everybody's.
    'the private key': [github.privateKey.replace(/-----[^-]*-----|\s/g, '').slice(52)],
    'the key of the model': [model.apiKey],
    'a token': github.tokens.values().map((token) => token.slice(token.lastIndexOf('.') + 1)),
    'the password of the database': password.length >= 12 ? [password] : [],
  };
}

/** Plain, in base64 at each alignment, and hexadecimal; in pieces. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : shift + 1, -4),
  );
  return [value, bytes.toString('hex'), ...base64].flatMap((form) => {
    const folded = foldText(form);
    return folded.length <= 2 * pieceLength ? [folded] : (folded.match(/.{20}/g) ?? []);
  });
}

/** What cannot be decoded stays as it is. */
function decodeAddress(address: string): string {
  return address.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

interface Content {
  kind: 'log' | 'github' | 'git' | 'home' | 'database pullwright' | Exempt;
  place: string;
  content: string | Buffer;
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
    // Postgres keeps its own password there, for itself and its owner.
    if (!info?.isFile() || info.size > 50_000_000 || name === path.join('postgres', 'password')) continue;
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

/** Every file, name and message that any commit holds; first of the repositories, then with the checkpoints. */
async function* objectsOf(folders: string[], bundles: Buffer[]): AsyncGenerator<Content> {
  if (folders.length === 0) return;
  const store = await mkdtemp(path.join(tmpdir(), 'pullwright-objects-'));
  try {
    const env = {
      GIT_ALTERNATE_OBJECT_DIRECTORIES: folders.map((folder) => path.join(folder, 'objects')).join(':'),
    };
    await runGit(store, ['init', '--bare', '--quiet']);
    const all = ['cat-file', '--batch-all-objects', '--batch', '--unordered'];
    yield { kind: 'git', place: 'all repositories', content: await runGit(store, all, { env }) };
    if (bundles.length === 0) return;
    for (const bundle of bundles) {
      // A bundle is a few lines and a pack.
      const pack = bundle.subarray(bundle.indexOf('\n\nPACK') + 2);
      await runGit(store, ['index-pack', '--stdin', '--fix-thin'], { env, input: pack });
    }
    yield { kind: 'checkpoint', place: 'all bundles', content: await runGit(store, all, { env }) };
  } finally {
    await rm(store, { recursive: true, force: true });
  }
}
