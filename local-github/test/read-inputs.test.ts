import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readManifest } from '../app/read-manifest.js';
import { parseOptions } from '../cli/parse-options.js';
import { readSeed } from '../cli/seed.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'local-github-inputs-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

describe('the options', () => {
  test('have a random webhook secret and any free port by default', () => {
    const [one, other] = [parseOptions([]), parseOptions([])];
    expect(one).toMatchObject({ port: 0, appManifest: 'app.yml', webhookUrl: null, seed: null });
    expect(one?.webhookSecret).not.toBe(other?.webhookSecret);
  });

  test.each([
    [['--prot', '1'], "Unknown option '--prot'"],
    [['--port', '70000'], '--port: expected a number up to 65535; found "70000"'],
    [['--webhook-url', 'here'], '--webhook-url: expected a URL; found "here"'],
  ])('%j is refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('a manifest', () => {
  test('needs a name, and its permissions need a level', async () => {
    const file = await write('app.yml', 'default_permissions: { issues: some }\n');
    expect(() => readManifest(file)).toThrow(
      /app\.yml is not an App manifest:[\s\S]*name[\s\S]*default_permissions\.issues/,
    );
  });

  test('that does not exist is named', () => {
    expect(() => readManifest('none.yml')).toThrow(
      "expected the App's manifest at none.yml; there is no such file",
    );
  });
});

describe('a seed', () => {
  test('in a folder is its seed.yml, and its paths are relative to that file', async () => {
    await write('seed.yml', 'repositories: { acme/shop: { from: shop } }\n');
    expect((await readSeed(folder)).repositories['acme/shop']?.from).toBe(path.join(folder, 'shop'));
  });

  test.each([
    ['repositories: { acme/shop: { role: {} } }', 'is not a seed:\n✖ Unrecognized key: "role"'],
    ['people: [', 'seed.yml: Flow sequence'],
  ])('with the text %j is refused', async (text, message) => {
    await expect(readSeed(await write('seed.yml', text))).rejects.toThrow(message);
  });

  test('that does not exist is named', async () => {
    const file = path.join(folder, 'none.yml');
    await expect(readSeed(file)).rejects.toThrow(`expected a seed at ${file}; there is no such file`);
  });
});
