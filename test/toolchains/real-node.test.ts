import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeSandboxFolder, type Sandboxes } from '../../src/sandbox/sandbox.js';
import { createToolchainProvider } from '../../src/toolchains/toolchains.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandboxes: Sandboxes;
let tools: string;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  tools = path.join(folder.path, 'tools');
  await mkdir(path.join(tools, 'versions', '3.7.1', 'bin'), { recursive: true });
  const python = path.join(tools, 'versions', '3.7.1', 'bin', 'python3');
  await writeFile(python, '#!/bin/sh\necho Python 3.7.1\n', { mode: 0o755 });
  sandboxes = await openTestSandboxes(folder.path, 128, [tools]);
});
afterAll(() => folder.remove());

/** Runs a command with what was provided. */
async function run(given: Awaited<ReturnType<ReturnType<typeof createToolchainProvider>>>, script: string) {
  const tree = path.join(folder.path, 'tree');
  await makeSandboxFolder(tree, sandboxes.uid);
  const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }, ...given.mounts]);
  const setPath = `PATH=${[...given.path, '$PATH'].join(':')}`;
  const { output } = await sandbox.execute({
    script: `${setPath}\n${script}`,
    env: given.variables,
    timeoutMs: 60_000,
  });
  await sandbox.dispose();
  return output.trim().split('\n');
}

test('Node 18 of the npm registry works in a sandbox, with its npm and its headers', async () => {
  const provide = createToolchainProvider({
    folder: path.join(folder.path, 'programs'),
    sandboxes,
    hasImage: false,
  });
  const given = await provide([{ name: 'node', version: 'lts/hydrogen', source: '.nvmrc' }], true);
  expect(given.missing).toEqual([]);
  const [node, npm, npx, headers] = await run(
    given,
    'node --version; npm --version; npx --version; grep "define NODE_MAJOR_VERSION" "$npm_config_nodedir/include/node/node_version.h"; touch "$npm_config_nodedir/x" 2>/dev/null && echo writable',
  );
  expect(node).toMatch(/^v18\./);
  expect(npm).toMatch(/^10\./);
  expect(npx).toBe(npm);
  expect(headers).toBe('#define NODE_MAJOR_VERSION 18');
  // The second time, everything is on this machine.
  const again = await provide([{ name: 'node', version: '18', source: '.nvmrc' }], false);
  expect(again).toEqual({ ...given, provided: given.provided });
});

test('a version below a folder of SANDBOX_TOOL_PATHS is found and used', async () => {
  const provide = createToolchainProvider({
    folder: path.join(folder.path, 'programs'),
    sandboxes,
    hasImage: false,
  });
  const given = await provide([{ name: 'python', version: '3.7', source: '.python-version' }], false);
  expect(given).toMatchObject({ missing: [], provided: ['Python 3.7.1 of this server.'] });
  expect(await run(given, 'python3 --version')).toEqual(['Python 3.7.1']);
});

test('the headers of the own Node are named if this machine has them', async () => {
  const provide = createToolchainProvider({
    folder: path.join(folder.path, 'programs'),
    sandboxes,
    hasImage: false,
  });
  const given = await provide([], false);
  const script = `prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
grep -qs "NODE_MAJOR_VERSION $(node -p 'process.versions.node.split(".")[0]')$" "$prefix/include/node/node_version.h" && echo "$prefix"`;
  const [expected] = await run(given, script);
  expect(given.variables.npm_config_nodedir ?? '').toBe(expected ?? '');
});
