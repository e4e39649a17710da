import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openContainers } from '../../../src/sandbox/backends/container.js';
import { buildContainerArguments, type Engine } from '../../../src/sandbox/backends/container-arguments.js';
import { findEngine } from '../../../src/sandbox/backends/container-engine.js';
import { runProcess } from '../../../src/sandbox/process/run-process.js';
import { makeSandboxFolder, type Sandbox, testSandbox } from '../../../src/sandbox/sandbox.js';
import { buildSeccompProfile } from '../../../src/sandbox/seccomp/seccomp-profile.js';
import { egressProgram } from '../../support/open-test-sandboxes.js';
import { startDialogue } from '../../support/start-dialogue.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

const megabyte = 1024 * 1024;
const limits = {
  memoryBytes: 512 * megabyte,
  processes: 64,
  fileBytes: 64 * megabyte,
  tmpBytes: 64 * megabyte,
  diskBytes: 256 * megabyte,
  diskFiles: 10_000,
  outputBytes: 4 * megabyte,
  timeMs: 60_000,
};

describe('the command line of a container', () => {
  const build = (engine: Engine, more: { isOverQuota?: boolean } = {}) =>
    buildContainerArguments({
      engine,
      name: 'pullwright-1',
      label: 'pullwright=home',
      idFile: '/ids/1',
      limits,
      user: { uid: 64001, gid: 64001 },
      seccompFile: '/s.json',
      mounts: [
        { from: '/h/tree', to: '/workspace', writable: true },
        { from: '/h/mirror', to: '/mirror', writable: false },
      ],
      environment: { CI: '1' },
      cwd: '/workspace',
      isOverQuota: false,
      ...more,
    }).join(' ');

  test('the container gets no rights and no network', () => {
    const args = build({ program: 'docker', rootless: false });
    for (const wanted of [
      ...['run --rm --interactive', '--name pullwright-1', '--label pullwright=home', '--cidfile /ids/1'],
      '--pull never',
      ...['--network none', '--read-only', '--cap-drop ALL', '--security-opt no-new-privileges'],
      ...['--security-opt seccomp=/s.json', '--user 64001:64001', '--ipc private', '--cgroupns private'],
      ...[
        `--pids-limit 64`,
        `--memory ${512 * megabyte} --memory-swap ${512 * megabyte}`,
        '--oom-score-adj 1000',
      ],
      ...[
        '--ulimit nofile=8192:8192',
        '--ulimit core=0:0',
        `--ulimit fsize=${64 * megabyte}:${64 * megabyte}`,
      ],
      ...['--shm-size 64m', `--tmpfs /tmp:rw,nosuid,nodev,exec,mode=1777,size=${64 * megabyte}`],
      ...['--mount type=bind,source=/h/tree,target=/workspace ', 'source=/h/mirror,target=/mirror,readonly'],
      ...['--env CI=1', '--workdir /workspace', '--entrypoint /bin/bash'],
    ])
      expect(args).toContain(wanted);
    expect(args).not.toMatch(/--privileged|docker\.sock|--network host|--pid |--userns host/);
  });

  test('the container’s user owns the mounted folders, in rootless engines too', () => {
    expect(build({ program: 'docker', rootless: true })).toContain('--user 0:0');
    expect(build({ program: 'podman', rootless: true })).toContain('--userns keep-id --user 64001:64001');
    expect(build({ program: 'podman', rootless: false })).toContain('--user 64001:64001');
  });

  test('a command above its disk quota cannot write to files', () => {
    expect(build({ program: 'podman', rootless: false }, { isOverQuota: true })).toContain(
      '--ulimit fsize=0:0',
    );
  });

  test('the seccomp profile refuses calls that the engines allow', () => {
    const profile = JSON.parse(buildSeccompProfile());
    const rules: { names: string[]; errnoRet: number; args?: { value: number; op: string }[] }[] =
      profile.syscalls;
    const refused = rules.filter(({ args }) => !args).flatMap(({ names }) => names);
    for (const name of [
      'ptrace',
      'unshare',
      'io_uring_setup',
      'userfaultfd',
      'keyctl',
      'bpf',
      'mount',
      'clone3',
      'msgget',
    ])
      expect(refused).toContain(name);
    for (const name of ['shmget', 'semget'])
      expect(rules).toContainEqual(
        expect.objectContaining({
          names: [name],
          args: [expect.objectContaining({ index: 1, op: 'SCMP_CMP_GT' })],
        }),
      );
    const families = rules.filter(({ names }) => names[0] === 'socket').map(({ args }) => args?.[0]?.value);
    expect(families).toContain(40);
    for (const family of [1, 2, 10, 16]) expect(families).not.toContain(family);
  });
});

test('without an engine, the error quotes what each program answered', async () => {
  await expect(findEngine(null, { PATH: '/nonexistent' })).rejects.toThrow(
    /needs a container engine \(Docker or Podman\).*podman: .*docker: /,
  );
});

/** With a real engine and the programs of this machine; skipped where there is no engine. */
describe('a container', () => {
  const environment = Object.fromEntries(
    ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'DOCKER_HOST', 'CONTAINERS_CONF'].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
  );
  const image = 'localhost/pullwright-test:1';
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let skipped = '';
  let engine: Engine;
  let sandbox: Sandbox;
  let server: http.Server;
  let port: number;

  const ask = (args: string[]) =>
    runProcess(
      [engine.program, ...args],
      { env: environment },
      { timeoutMs: 120_000, maxOutputBytes: megabyte },
    );

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    server = http.createServer((_, response) => response.end('from the host'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    try {
      engine = await findEngine(null, environment);
    } catch (error) {
      skipped = String(error);
      return;
    }
    // The smallest image: empty folders, into which this machine's programs are mounted.
    const script =
      'set -e; mkdir -p "$1"/{etc,usr,proc,dev,sys,tmp,run,home/agent,workspace}; cd "$1"; for one in bin sbin lib lib64; do ln -s usr/$one $one; done; touch etc/passwd etc/group etc/gitconfig run/proxy.sock run/relay.mjs run/node run/command; tar -c . | "$2" import - "$3"';
    const made = await runProcess(
      ['/bin/bash', '-c', script, 'bash', path.join(folder.path, 'root'), engine.program, image],
      { env: environment },
      { timeoutMs: 60_000, maxOutputBytes: megabyte },
    );
    if (made.exitCode !== 0) {
      skipped = `no image could be made: ${made.output}`;
      return;
    }
    const tried = await ask([
      'run',
      '--rm',
      '--network',
      'none',
      '--ulimit',
      'nproc=64:64',
      '--ulimit',
      'nofile=64:64',
      '--volume',
      '/usr:/usr:ro',
      image,
      'true',
    ]);
    if (tried.exitCode !== 0) {
      skipped = `the engine runs nothing here: ${tried.output}`;
      return;
    }
    const sandboxes = await openContainers(optionsFor('sandbox'));
    const tree = path.join(folder.path, 'tree');
    await makeSandboxFolder(tree, sandboxes.uid);
    const usr = { from: '/usr', to: '/usr', writable: false };
    sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }, usr]);
    const withUsr = {
      ...sandboxes,
      open: (mounts: Parameters<typeof sandboxes.open>[0]) => sandboxes.open([...mounts, usr]),
    };
    await testSandbox(withUsr, path.join(folder.path, 'sandbox'));
    await writeFile(path.join(folder.path, 'host-file'), 'canary-in-a-file');
  }, 120_000);

  afterAll(async () => {
    if (!skipped) {
      await sandbox.dispose();
      await ask(['rmi', '--force', image]);
    }
    await new Promise((resolve) => server.close(resolve));
    await folder.remove();
  });

  const optionsFor = (name: string) => ({
    folder: path.join(folder.path, name),
    limits,
    engine,
    image,
    engineEnvironment: environment,
    egressProgram,
    packages: { environment: {}, files: [] },
  });

  /** A test that needs an engine. Without one, it says so and passes. */
  const claim = (title: string, body: () => Promise<void>) =>
    test(title, async () => {
      if (skipped) console.log(`skipped, no container engine: ${skipped}`);
      else await body();
    });
  const run = (script: string, more = {}) => sandbox.execute({ script, timeoutMs: 20_000, ...more });
  const left = async () => (await ask(['ps', '--all', '--quiet', '--filter', 'name=^pullwright-'])).stdout;

  claim('a container returns output, exit code and files like every backend', async () => {
    const result = await run('echo out; echo err >&2; cat; echo "$1" > made; exit 3', {
      stdin: 'in',
      args: ["a 'b"],
    });
    expect(result).toMatchObject({ exitCode: 3, ended: 'exited', stdout: 'out\nin', stderr: 'err\n' });
    expect((await run('cat made; stat -c %u made; id -u')).stdout).toMatch(/^a 'b\n(\d+)\n\1\n$/);
  });

  claim('a dialogue with a container ends with its time', async () => {
    const script = 'while read -r line; do echo "got $line"; done';
    const { send, next, execution } = await startDialogue(sandbox, { script, timeoutMs: 5000 });
    send('one');
    expect(await next()).toBe('got one');
    expect((await execution).ended).toBe('timeout');
    expect(await left()).toBe('');
  });

  claim('a container has no network, no rights and no file of the host', async () => {
    const { stdout } = await run(
      `(echo > /dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo reached; cat "$1" 2>/dev/null; unshare -Ur true 2>/dev/null && echo namespace; /usr/bin/python3 -c 'import socket; socket.socket(40, 1); print("vsock")' 2>/dev/null; touch /x 2>/dev/null && echo wrote; grep CapEff /proc/self/status; cat /proc/1/environ | tr '\\0' '\\n' | grep -c HOME=/root`,
      { args: [path.join(folder.path, 'host-file')] },
    );
    expect(stdout).toBe('CapEff:\t0000000000000000\n0\n');
  });

  claim('a container reaches allowed hosts through the proxy only', async () => {
    const result = await run(
      `curl -sS http://localhost:${port}/; curl -sS -o /dev/null -w ' %{http_code}' http://example.org/`,
      {
        egress: [{ host: 'localhost', port, mayBePrivate: true }],
      },
    );
    expect(result.stdout).toBe('from the host 403');
    expect(result.refusedHosts).toEqual(['example.org:80']);
  });

  claim(
    'a container is removed with all of its processes at the timeout, when aborted and at the limits',
    async () => {
      expect(await run('setsid sleep 1000 & sleep 1000', { timeoutMs: 1500 })).toMatchObject({
        ended: 'timeout',
      });
      const stopping = new AbortController();
      const running = run('sleep 1000', { signal: stopping.signal });
      setTimeout(() => stopping.abort(), 700);
      expect(await running).toMatchObject({ ended: 'stopped' });
      expect(await run('yes')).toMatchObject({ ended: 'output-limit' });
      expect((await run('f() { f | f & }; f; sleep 2')).ended).not.toBe('timeout');
      expect((await run('/usr/bin/python3 -c "b = bytearray(1 << 30)"; exit 9')).exitCode).not.toBe(0);
      expect(
        await run('for n in $(seq 100); do head -c 50000000 /dev/zero > f$n; sleep 0.05; done; sleep 100'),
      ).toMatchObject({ ended: 'disk-limit' });
      await run('rm -f f*');
      expect(await left()).toBe('');
      expect((await run('echo fine')).stdout).toBe('fine\n');
    },
  );

  claim('the next start removes the container that a killed program left behind', async () => {
    const options = optionsFor('another');
    const another = await openContainers(options);
    const usr = { from: '/usr', to: '/usr', writable: false };
    const tree = { from: path.join(folder.path, 'tree'), to: '/workspace', writable: true };
    const forgotten = another
      .open([tree, usr])
      .execute({ script: 'touch up; sleep 1000', timeoutMs: 60_000 });
    await run('until [ -e up ]; do sleep 0.1; done; rm up');
    await openContainers(options);
    expect((await forgotten).exitCode).not.toBe(0);
    expect(await left()).toBe('');
  });
});
