import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  backendNames,
  createSandboxes,
  type SandboxesOptions,
  SandboxUnavailableError,
  testSandbox,
} from '../../src/sandbox/sandbox.js';
import { egressProgram } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const megabyte = 1024 * 1024;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeEach(async () => {
  folder = await createTemporaryFolder();
});
afterEach(() => folder.remove());

const optionsFor = (backend: SandboxesOptions['backend']): SandboxesOptions => ({
  backend,
  folder: path.join(folder.path, 'sandbox'),
  mountRoots: [folder.path],
  limits: {
    memoryBytes: 512 * megabyte,
    processes: 64,
    fileBytes: 64 * megabyte,
    tmpBytes: 64 * megabyte,
    diskBytes: 256 * megabyte,
    diskFiles: 10_000,
    outputBytes: megabyte,
    timeMs: 60_000,
  },
  toolPaths: [],
  packages: { environment: {}, files: [] },
  image: null,
  engine: 'docker',
  engineEnvironment: { PATH: '/nonexistent' },
  egressProgram,
});

test('the backends are bubblewrap, container and none', () => {
  expect(backendNames).toEqual(['bubblewrap', 'container', 'none']);
});

test('a folder whose path is too long for the sockets of the network proxy is refused with the way out', async () => {
  const long = { ...optionsFor('bubblewrap'), folder: path.join(folder.path, 'x'.repeat(100)) };
  await expect(createSandboxes(long)).rejects.toThrow(
    /bytes too long for the sockets of the network proxy; choose a shorter PULLWRIGHT_HOME$/,
  );
});

test('bubblewrap isolates commands, and says what enforces the limits', async () => {
  const sandboxes = await createSandboxes(optionsFor('bubblewrap'));
  expect(sandboxes).toMatchObject({
    warning: null,
    limitsEnforcedBy: expect.stringMatching(
      /^(cgroup v2|resource limits and polling, because cgroups cannot be used \(.+\))$/,
    ),
  });
  expect((await testSandbox(sandboxes, folder.path)).claims).toBeGreaterThan(5);
});

test('the test of the backend `none` checks no claim, because it isolates nothing', async () => {
  const sandboxes = await createSandboxes(optionsFor('none'));
  expect(sandboxes.warning).toContain('without a sandbox');
  expect((await testSandbox(sandboxes, folder.path)).claims).toBe(0);
});

test('a sandbox that shows the host’s files fails the test, which names the cause', async () => {
  const sandboxes = await createSandboxes(optionsFor('bubblewrap'));
  const open: typeof sandboxes.open = (mounts) =>
    sandboxes.open([...mounts, { from: folder.path, to: folder.path, writable: false }]);
  const test = testSandbox({ ...sandboxes, open }, folder.path);
  await expect(test).rejects.toThrow(SandboxUnavailableError);
  await expect(test).rejects.toThrow(/^the sandbox does not isolate commands: commands can read files/);
});

test('a git without Perl-compatible regular expressions fails the test, which names it', async () => {
  const tools = path.join(folder.path, 'tools');
  const refusal = 'fatal: cannot use Perl-compatible regexes when not compiled with USE_LIBPCRE';
  await mkdir(tools);
  await writeFile(path.join(tools, 'git'), `#!/bin/sh\necho "${refusal}" >&2\nexit 128\n`, { mode: 0o755 });
  const sandboxes = await createSandboxes({ ...optionsFor('bubblewrap'), toolPaths: [tools] });
  const test = testSandbox(sandboxes, folder.path);
  await expect(test).rejects.toThrow(SandboxUnavailableError);
  await expect(test).rejects.toThrow(
    /^the agent’s tool `search` needs a git .*\(USE_LIBPCRE\).*cannot use Perl/s,
  );
});

test('a backend that this machine cannot run is an error, and no other backend takes its place', async () => {
  const creation = createSandboxes(optionsFor('container'));
  await expect(creation).rejects.toThrow(SandboxUnavailableError);
  await expect(creation).rejects.toThrow(/the sandbox needs a container engine \(Docker or Podman\)/);
});
