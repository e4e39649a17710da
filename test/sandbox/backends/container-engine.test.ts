import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createContainers } from '../../../src/sandbox/backends/container.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
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
 * An engine's command line. A container is a file of its name, with its label; `run` has it made by somebody else, after so many
 * seconds, whether or not the client is still there. `rm` fails as often as `refusals` has lines.
 */
const program = `#!/bin/bash
cd "$ENGINE" || exit 1
echo "$1" >> calls
case "$1" in
  run)
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

/** @param delay seconds until a container is there; @param length of what runs in it */
async function open(delay: number, length: number, refusals = 0): Promise<Sandbox> {
  await set('delay', String(delay));
  await set('length', String(length));
  await set('refusals', 'no\n'.repeat(refusals));
  const sandboxes = await createContainers({
    folder: path.join(folder.path, 'sandbox'),
    limits,
    packages: { environment: {}, files: [] },
    engine: { program: 'podman', rootless: false },
    image: 'image',
    environment,
    egressProgram: '/nonexistent',
  });
  return sandboxes.open([]);
}
const set = (file: string, text: string) => writeFile(path.join(engine, file), text);
const containers = () => readdir(path.join(engine, 'containers'));
/** Stops a command as soon as its client has said that there is a container. */
async function stopWhenThere(sandbox: Sandbox): Promise<void> {
  const stopping = new AbortController();
  const execution = sandbox.execute({ script: 'true', timeoutMs: 60_000, signal: stopping.signal });
  const ids = path.join(folder.path, 'sandbox', 'containers');
  const isSaid = async () => {
    const [id] = await readdir(ids);
    return id !== undefined && (await readFile(path.join(ids, id), 'utf8')) !== '';
  };
  while (!(await isSaid())) await pause(20);
  stopping.abort();
  expect((await execution).ended).toBe('stopped');
}
const calls = async () => (await readFile(path.join(engine, 'calls'), 'utf8')).trim().split('\n');

describe('a client that is killed', () => {
  test('while its container is being made leaves none, also when that takes another second', async () => {
    const sandbox = await open(1.5, 100);
    const result = await sandbox.execute({ script: 'true', timeoutMs: 300 });
    expect(result.ended).toBe('timeout');
    // Nothing that only comes later, either.
    await pause(1500);
    expect(await containers()).toEqual([]);
    expect(await calls()).toContain('rm');
  });

  test('leaves none that refuses to end at first', async () => {
    const sandbox = await open(0, 100, 2);
    await stopWhenThere(sandbox);
    expect(await containers()).toEqual([]);
    expect((await calls()).filter((call) => call === 'rm')).toHaveLength(3);
  });

  test('when its container is there costs two looks at the engine, and no waiting', async () => {
    const sandbox = await open(0, 100);
    await stopWhenThere(sandbox);
    expect(await containers()).toEqual([]);
    expect(await calls()).toEqual(['ps', 'run', 'ps', 'rm', 'ps']);
  });
});

describe('a container that nobody looks for any more', () => {
  beforeEach(async () => {
    await (await open(0, 0)).execute({ script: 'true', timeoutMs: 20_000 });
    await set('containers/of-a-dead-client', await readFile(path.join(engine, 'label'), 'utf8'));
    await set('containers/of-somebody-else', 'pullwright=other\n');
  });

  test('is ended by the next start, and none of another home is', async () => {
    await open(0, 0);
    expect(await containers()).toEqual(['of-somebody-else']);
  });

  test('is ended before a later command, where it came into being after the start', async () => {
    await set('containers/of-a-dead-client', '');
    const sandbox = await open(0, 0);
    await set('containers/of-a-dead-client', await readFile(path.join(engine, 'label'), 'utf8'));
    await sandbox.execute({ script: 'true', timeoutMs: 20_000 });
    expect(await containers()).toEqual(['of-a-dead-client', 'of-somebody-else']);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await sandbox.execute({ script: 'true', timeoutMs: 20_000 });
    expect(await containers()).toEqual(['of-somebody-else']);
  });
});

test('a command that ends by itself costs no look at the engine', async () => {
  const sandbox = await open(0, 0);
  expect((await sandbox.execute({ script: 'true', timeoutMs: 20_000 })).exitCode).toBe(0);
  expect(await calls()).toEqual(['ps', 'run']);
});

test('a command that is too long for an argument is mounted, and gone afterwards', async () => {
  const script = `: ${'a'.repeat(140_000)}`;
  await (await open(0, 0)).execute({ script, args: ['', 'b'], timeoutMs: 20_000 });
  expect(await readFile(path.join(engine, 'command'), 'utf8')).toBe(`${script}\0\0b\0`);
  expect(await readdir(path.join(folder.path, 'sandbox', 'arguments'))).toEqual([]);
});
