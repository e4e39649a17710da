import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NpmClient } from '../../src/toolchains/npm-client.js';
import { openProgramStore } from '../../src/toolchains/program-store.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let place: string;
/** What the client was asked for, such as `tool@1.2.0`. */
let asked: string[];
let versions: string[];
let isOnline: boolean;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  place = path.join(folder.path, 'programs');
  asked = [];
  versions = ['1.0.0', '1.2.0', '2.0.0', '3.0.0-beta.1', '3.1.0-beta.2'];
  isOnline = true;
});
afterEach(() => folder.remove());

const npm: NpmClient = {
  listVersions: async (name) => {
    asked.push(name);
    if (!isOnline) throw new Error('no route to the registry');
    return versions;
  },
  install: async (name, version, target) => {
    asked.push(`${name}@${version}`);
    if (!isOnline) throw new Error('no route to the registry');
    const root = path.join(target, 'node_modules', name);
    await mkdir(root, { recursive: true });
    await writeFile(path.join(root, 'cli.js'), `#!/usr/bin/env node\n// ${version}\n`, { mode: 0o600 });
  },
};
const open = (now?: () => number) => openProgramStore(place, npm, now);
const links = { tool: 'cli.js' };

test('the newest version in the range is downloaded, readable for all and with its links', async () => {
  const program = await open().get('tool', '^1.0.0', links);
  expect(program).toEqual({
    version: '1.2.0',
    root: path.join(place, 'tool@1.2.0'),
    folder: path.join(place, 'tool@1.2.0', 'node_modules', 'tool'),
  });
  expect(await readFile(path.join(program.root, 'bin', 'tool'), 'utf8')).toContain('// 1.2.0');
  expect((await stat(path.join(program.folder, 'cli.js'))).mode & 0o777).toBe(0o555);
  expect((await stat(program.folder)).mode & 0o777).toBe(0o755);
});

test('prereleases count if the range names one', async () => {
  expect((await open().get('tool', '>=3.0.0-0 <4.0.0-0')).version).toBe('3.1.0-beta.2');
  await expect(open().get('tool', '3.x')).rejects.toThrow('the registry has no version 3.x of tool');
});

test('a program is downloaded once, even by several stores at the same time', async () => {
  const [one, other] = [open(), open()];
  await Promise.all([one.get('tool', '2.0.0'), one.get('tool', '2.0.0'), other.get('tool', '2.0.0')]);
  await open().get('tool', '2.0.0');
  expect(asked).toEqual(['tool@2.0.0']);
});

test('what an interrupted download left behind is not used', async () => {
  await mkdir(path.join(place, '.tool@2.0.0.new', 'node_modules', 'tool'), { recursive: true });
  await writeFile(path.join(place, '.tool@2.0.0.new', 'half'), '');
  expect(await open().find('tool', '2.x')).toBeNull();
  const program = await open().get('tool', '2.0.0', links);
  expect((await readdir(program.root)).sort()).toEqual(['bin', 'node_modules']);
  expect((await readdir(place)).filter((name) => name.endsWith('.new'))).toEqual([]);
});

test('a download that fails is tried again', async () => {
  isOnline = false;
  const store = open();
  await expect(store.get('tool', '2.0.0')).rejects.toThrow('no route');
  isOnline = true;
  expect((await store.get('tool', '2.0.0')).version).toBe('2.0.0');
});

test('without the registry, the newest version in the range that the machine has is used', async () => {
  await open().get('tool', '1.0.0');
  await open().get('@scope/tool', '1.0.0');
  isOnline = false;
  expect((await open().get('tool', '>=1')).version).toBe('1.0.0');
  expect((await open().find('@scope/tool', '1.x'))?.folder).toMatch(/node_modules\/@scope\/tool$/);
  await expect(open().get('tool', '>=2')).rejects.toThrow('no route');
});

test('the versions of a package are read once in an hour', async () => {
  let time = Date.now();
  const store = open(() => time);
  for (const range of ['1.x', '2.x', '1.x']) await store.get('tool', range);
  expect(asked.filter((one) => one === 'tool')).toHaveLength(1);
  time += 3_700_000;
  versions.push('2.1.0');
  expect((await store.get('tool', '2.x')).version).toBe('2.1.0');
});

test('a program that no run has used for 30 days goes when another one comes', async () => {
  const old = await open().get('tool', '1.0.0');
  const used = await open().get('tool', '1.2.0');
  const time = Date.now() / 1000 - 31 * 86_400;
  const others = path.join(place, 'postgres-16.14.0');
  await mkdir(others);
  for (const root of [old.root, used.root, others]) await utimes(root, time, time);
  await open().get('tool', '1.2.0');
  await open().get('tool', '2.0.0');
  expect((await readdir(place)).filter((name) => !name.startsWith('.')).sort()).toEqual([
    'postgres-16.14.0',
    'tool@1.2.0',
    'tool@2.0.0',
  ]);
});
