import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { type Command, type Execution, makeSandboxFolder, type Sandbox } from '../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

/** A sandbox on a host that has secrets all around it. None of them may ever be seen inside. */
export interface IsolatedSandbox {
  /** Text that is in the environment, in a file and behind the listeners of the host. */
  canary: string;
  folder: string;
  tree: string;
  hostFile: string;
  /** A process of the host with the canary in its environment. */
  neighbor: ChildProcess;
  /** A listener on the host's loopback, and its unix socket. */
  port: number;
  hostSocket: string;
  sandbox: Sandbox;
  run(script: string, more?: Partial<Command>): Promise<Execution>;
  python(program: string, ...args: string[]): Promise<Execution>;
  close(): Promise<void>;
}

export async function openIsolatedSandbox(): Promise<IsolatedSandbox> {
  const canary = `canary-${process.pid}-7d1f`;
  const folder = await createTemporaryFolder();
  const tree = path.join(folder.path, 'tree');
  const hostFile = path.join(folder.path, 'host-file');
  const hostSocket = path.join(folder.path, 'host.sock');
  await writeFile(hostFile, canary, { mode: 0o644 });
  const sandboxes = await openTestSandboxes(folder.path);
  await makeSandboxFolder(tree, sandboxes.uid);
  const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  process.env.CANARY = canary;
  const neighbor = spawn('sleep', ['600'], {
    env: { PATH: '/usr/bin:/bin', CANARY: canary },
    stdio: 'ignore',
  });
  const listeners: net.Server[] = [];
  const listen = async (where: net.ListenOptions) => {
    const server = net.createServer((socket) => socket.end(canary));
    await new Promise<void>((resolve) => server.listen(where, resolve));
    listeners.push(server);
    return server;
  };
  const { port } = (await listen({ port: 0, host: '127.0.0.1' })).address() as AddressInfo;
  await listen({ path: hostSocket });
  const run = (script: string, more: Partial<Command> = {}) =>
    sandbox.execute({ script, timeoutMs: 20_000, ...more });
  return {
    ...{ canary, folder: folder.path, tree, hostFile, neighbor, port, hostSocket, sandbox, run },
    python: (program, ...args) => run('exec /usr/bin/python3 -c "$@"', { args: [program, ...args] }),
    close: async () => {
      delete process.env.CANARY;
      neighbor.kill('SIGKILL');
      await sandbox.dispose();
      for (const server of listeners) await new Promise((resolve) => server.close(resolve));
      await folder.remove();
    },
  };
}
