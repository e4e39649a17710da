import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { Service } from '../../src/environment/environment.js';
import {
  type Command,
  type Execution,
  makeSandboxFolder,
  renderHosts,
  type Sandboxes,
} from '../../src/sandbox/sandbox.js';
import { createServiceProvider, type FetchPackage } from '../../src/services/services.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

export const postgres = (service: Partial<Service> = {}): Service => ({
  ...{ name: 'postgres', kind: 'postgres', image: 'postgres:18', version: '18', source: 'ci.yml' },
  ...{ hosts: ['postgres'], ports: [5432], variables: { POSTGRES_PASSWORD: 'secret' }, arguments: [] },
  ...service,
});

export interface OpenedServices {
  provided: readonly string[];
  missing: readonly string[];
  /** Runs a script beside the services. */
  run(script: string, more?: Partial<Command>): Promise<Execution>;
  /** Returns the script that runs another script beside the services. */
  wrap(script: string): string;
  /** Runs a script in the same sandbox without the services. */
  runAlone(script: string): Promise<Execution>;
}

/** Runs services in real sandboxes, for one test file. The only version of Postgres is the newest. */
export function useServices() {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let sandboxes: Sandboxes;
  let count = 0;
  beforeAll(async () => {
    folder = await createTemporaryFolder();
    sandboxes = await openTestSandboxes(folder.path, 1024, [], { memoryBytes: 4 * 1024 ** 3 });
  });
  afterAll(() => folder.remove());

  const inspect = async (script: string) =>
    (await sandboxes.open([]).execute({ script, cwd: '/', timeoutMs: 60_000 })).stdout;

  return {
    /** Provides services as on a machine that has only these programs of `/usr`. */
    open: async (
      services: readonly Service[],
      { hides = /^$/, fetchPackage = null as FetchPackage | null } = {},
    ): Promise<OpenedServices> => {
      count += 1;
      const root = path.join(folder.path, String(count));
      const provide = createServiceProvider({
        folder: path.join(folder.path, 'programs'),
        fetchPackage,
        inspect: async (script) =>
          (await inspect(script))
            .split('\n')
            .filter((line) => !hides.test(line))
            .join('\n'),
      });
      const { services: runner, mounts, missing } = await provide(services, fetchPackage !== null);
      await mkdir(root);
      for (const part of ['tree', 'services']) await makeSandboxFolder(path.join(root, part), sandboxes.uid);
      await writeFile(path.join(root, 'hosts'), renderHosts(runner?.hosts ?? {}));
      const sandbox = sandboxes.open([
        { from: path.join(root, 'tree'), to: '/workspace', writable: true },
        { from: path.join(root, 'services'), to: '/services', writable: true },
        { from: path.join(root, 'hosts'), to: '/etc/hosts', writable: false },
        { from: path.resolve('node_modules'), to: '/opt/node_modules', writable: false },
        ...mounts,
      ]);
      const execute = (script: string, more: Partial<Command> = {}) =>
        sandbox.execute({ script, timeoutMs: 120_000, env: { NODE_PATH: '/opt/node_modules' }, ...more });
      return {
        ...{ provided: runner?.provided ?? [], missing },
        wrap: (script) => runner?.wrap(script) ?? script,
        run: (script, more) => execute(runner?.wrap(script) ?? script, more),
        runAlone: (script) => execute(script),
      };
    },
    /** Returns whether the sandbox has a program. */
    hasProgram: async (name: string) => (await inspect(`PATH=$PATH:/usr/sbin; command -v ${name}`)) !== '',
  };
}

/** Returns a script that connects to Postgres, runs a statement, and prints the rows or the error. */
export function sql(url: string, statement: string): string {
  const program = `
    const client = new (require('pg').Client)({ connectionString: process.argv[1] });
    client.connect()
      .then(() => client.query(process.argv[2]))
      .then(({ rows }) => console.log(JSON.stringify(rows)), ({ message }) => console.log('error: ' + message))
      .then(() => client.end());`;
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return `node -e ${[program, url, statement].map(quote).join(' ')}`;
}
