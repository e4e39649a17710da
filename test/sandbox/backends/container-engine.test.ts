import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openContainers } from '../../../src/sandbox/backends/container.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { egressProgram } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

const megabyte = 1024 * 1024;
const limits = {
  memoryBytes: megabyte,
  processes: 64,
  fileBytes: megabyte,
  tmpBytes: megabyte,
  diskBytes: 256 * megabyte,
  diskFiles: 10_000,
  outputBytes: megabyte,
  timeMs: 60_000,
};

/**
 * The command line of an engine. A container is a file with the container's name; it contains the label.
 * `run` lets another process create the file after `delay` seconds, even if the client is dead by then. `rm`
 * fails as many times as `refusals` has lines.
 */
const program = `#!/bin/bash
cd "$ENGINE" || exit 1
echo "$1" >> calls
case "$1" in
  run)
    printf '%s\\n' "$@" > arguments
    while [ $# -gt 0 ]; do
      case "$2" in *,target=/run/command,readonly) cp "$(expr "$2" : '.*source=\\([^,]*\\)')" command ;; esac
      case "$1" in --name) name=$2 ;; --label) label=$2 ;; --cidfile) id=$2 ;; esac
      shift
    done
    : > "$id"
    echo "$label" > label
    setsid sh -c "sleep $(cat delay); echo $label > containers/$name" < /dev/null > /dev/null 2>&1 &
    until [ -e "containers/$name" ]; do sleep 0.05; done
    echo "$name" > "$id"
    sleep "$(cat length)"
    rm "containers/$name" ;;
  ps)
    filter=\${!#}
    for file in containers/*; do
      case "$filter" in
        label=*) grep -sqx "\${filter#label=}" "$file" && basename "$file" ;;
        name=*) basename "$file" | grep -x "\${filter#name=}" ;;
      esac
    done ;;
  rm)
    if [ -s refusals ]; then
      sed -i 1d refusals
      echo "Error: container state improper" >&2
      exit 2
    fi
    for name in "\${@:2}"; do rm -f "containers/$name" 2> /dev/null; done ;;
esac
exit 0
`;

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let engine: string;
let environment: Record<string, string>;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  engine = path.join(folder.path, 'engine');
  await mkdir(path.join(engine, 'containers'), { recursive: true });
  await writeFile(path.join(engine, 'podman'), program);
  await chmod(path.join(engine, 'podman'), 0o755);
  environment = { PATH: `${engine}:/usr/local/bin:/usr/bin:/bin`, ENGINE: engine };
});

afterEach(async () => {
  jest.restoreAllMocks();
  await folder.remove();
});

/**
 * @param delay seconds until a container exists
 * @param length seconds that it runs
 * @param refusals how many times its removal fails
 */
async function open(delay: number, length: number, refusals = 0): Promise<Sandbox> {
  await set('delay', String(delay));
  await set('length', String(length));
  await set('refusals', 'no\n'.repeat(refusals));
  const sandboxes = await openContainers({
    folder: path.join(folder.path, 'sandbox'),
    limits,
    packages: { environment: { PIP_CERT: '/etc/ssl/certs' }, files: ['/etc/ssl/certs'] },
    engine: { program: 'podman', rootless: false },
    image: 'image',
    engineEnvironment: environment,
    egressProgram,
  });
  return sandboxes.open([]);
}
const set = (file: string, text: string) => writeFile(path.join(engine, file), text);
const containers = () => readdir(path.join(engine, 'containers'));
/** Aborts a command as soon as its client has reported a container. */
async function abortOnceCreated(sandbox: Sandbox): Promise<void> {
  const stopping = new AbortController();
  const execution = sandbox.execute({ script: 'true', timeoutMs: 60_000, signal: stopping.signal });
  const ids = path.join(folder.path, 'sandbox', 'containers');
  const isReported = async () => {
    const [id] = await readdir(ids);
    return id !== undefined && (await readFile(path.join(ids, id), 'utf8')) !== '';
  };
  while (!(await isReported())) await pause(20);
  stopping.abort();
  expect((await execution).ended).toBe('stopped');
}
const calls = async () => (await readFile(path.join(engine, 'calls'), 'utf8')).trim().split('\n');

describe('a client of the engine that is killed', () => {
  test('a client that is killed while its container is created leaves no container behind', async () => {
    const sandbox = await open(1.5, 100);
    const result = await sandbox.execute({ script: 'true', timeoutMs: 300 });
    expect(result.ended).toBe('timeout');
    // No container appears later either.
    await pause(1500);
    expect(await containers()).toEqual([]);
    expect(await calls()).toContain('rm');
  });

  test('a container that refuses to be removed at first is removed in the end', async () => {
    const sandbox = await open(0, 100, 2);
    await abortOnceCreated(sandbox);
    expect(await containers()).toEqual([]);
    expect((await calls()).filter((call) => call === 'rm')).toHaveLength(3);
  });

  test('an existing container is removed with two listings and without waiting', async () => {
    const sandbox = await open(0, 100);
    await abortOnceCreated(sandbox);
    expect(await containers()).toEqual([]);
    expect(await calls()).toEqual(['ps', 'run', 'ps', 'rm', 'ps']);
  });
});

describe('a container that a dead client left behind', () => {
  beforeEach(async () => {
    await (await open(0, 0)).execute({ script: 'true', timeoutMs: 20_000 });
    await set('containers/of-a-dead-client', await readFile(path.join(engine, 'label'), 'utf8'));
    await set('containers/of-another-home', 'pullwright=other\n');
  });

  test('the next start removes leftover containers, except those of another home', async () => {
    await open(0, 0);
    expect(await containers()).toEqual(['of-another-home']);
  });

  test('a later command removes leftover containers that appeared after the start', async () => {
    await set('containers/of-a-dead-client', '');
    const sandbox = await open(0, 0);
    await set('containers/of-a-dead-client', await readFile(path.join(engine, 'label'), 'utf8'));
    await sandbox.execute({ script: 'true', timeoutMs: 20_000 });
    expect(await containers()).toEqual(['of-a-dead-client', 'of-another-home']);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await sandbox.execute({ script: 'true', timeoutMs: 20_000 });
    expect(await containers()).toEqual(['of-another-home']);
  });
});

test('a command that ends on its own needs no further call of the engine', async () => {
  const sandbox = await open(0, 0);
  expect((await sandbox.execute({ script: 'true', timeoutMs: 20_000 })).exitCode).toBe(0);
  expect(await calls()).toEqual(['ps', 'run']);
});

test('a command that is too long for an argument is mounted as a file and removed afterwards', async () => {
  const script = `: ${'a'.repeat(140_000)}`;
  await (await open(0, 0)).execute({ script, args: ['', 'b'], timeoutMs: 20_000 });
  expect(await readFile(path.join(engine, 'command'), 'utf8')).toBe(`${script}\0\0b\0`);
  expect(await readdir(path.join(folder.path, 'sandbox', 'arguments'))).toEqual([]);
});

test('a container without egress gets no network, no proxy and no word of the registries', async () => {
  await (await open(0, 0)).execute({ script: 'true', timeoutMs: 20_000 });
  const args = await readFile(path.join(engine, 'arguments'), 'utf8');
  expect(args).toContain('--network\nnone\n');
  expect(args).not.toMatch(/proxy|relay|PIP_CERT/i);
});

test('a container with egress gets the proxy’s socket, the relay and the certificates', async () => {
  const egress = [{ host: 'registry.example', port: 443, mayBePrivate: false }];
  const sandbox = await open(0, 0);
  expect((await sandbox.execute({ script: 'true', egress, timeoutMs: 20_000 })).refusedHosts).toEqual([]);
  const args = await readFile(path.join(engine, 'arguments'), 'utf8');
  expect(args).toContain('--network\nnone\n');
  for (const wanted of [
    /source=\S+\/proxies\/\w+\.sock,target=\/run\/proxy\.sock\n/,
    /source=\S+\/relay,target=\/run\/relay\.mjs,readonly\n/,
    /target=\/run\/node,readonly\n/,
    /source=\/etc\/ssl\/certs,target=\/etc\/ssl\/certs,readonly\n/,
    /source=\S+\/hosts,target=\/etc\/hosts,readonly\n/,
    /source=\S+\/preload,target=\/run\/preload\.cjs,readonly\n/,
    /HTTPS_PROXY=http:\/\/127\.0\.0\.1:3128\n/,
    /PIP_CERT=\/etc\/ssl\/certs\n/,
    /exec \/run\/node \/run\/relay\.mjs/,
  ])
    expect(args).toMatch(wanted);
  expect(await readdir(path.join(folder.path, 'sandbox', 'proxies'))).toEqual([]);
});
