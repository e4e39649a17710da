import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { makeSandboxFolder } from '../src/sandbox/sandbox.js';
import { createServiceProvider } from '../src/services/services.js';
import { openTestSandboxes } from '../test/support/open-test-sandboxes.js';
import { median } from './median.js';

export interface ServicesMeasurement {
  /** Median time of a command without services, in milliseconds. */
  aloneMs: number;
  /** Median time that a Postgres adds to a command, in milliseconds. */
  addedMs: number;
  /** Time of the first command, which initializes the data, in milliseconds. */
  firstMs: number;
  title: string;
}

const rounds = 21;

/**
 * Measures the time that a Postgres adds to a command, from the call to the result. Commands with and without
 * it alternate, so that a busy machine slows both.
 * @param folder a folder that other users can enter
 */
export async function measureServices(folder: string): Promise<ServicesMeasurement> {
  const sandboxes = await openTestSandboxes(folder, 1024);
  const inspect = async (script: string) =>
    (await sandboxes.open([]).execute({ script, cwd: '/', timeoutMs: 60_000 })).stdout;
  const programs = path.join(folder, 'programs');
  const provide = createServiceProvider({ folder: programs, fetchPackage: null, inspect });
  const source = 'ci.yml';
  const variables = { POSTGRES_PASSWORD: 'postgres', POSTGRES_DB: 'test' };
  const asked = { name: 'postgres', kind: 'postgres', image: 'postgres:18', version: '18', source } as const;
  const service = { ...asked, hosts: ['postgres'], ports: [5432], variables, arguments: [] };
  const { services, mounts, missing } = await provide([service], false);
  if (!services) throw new Error(`bench: no Postgres: ${missing.join(' ')}`);
  const tree = path.join(folder, 'services-tree');
  await mkdir(tree);
  for (const part of ['tree', 'data']) await makeSandboxFolder(path.join(tree, part), sandboxes.uid);
  const sandbox = sandboxes.open([
    { from: path.join(tree, 'tree'), to: '/workspace', writable: true },
    { from: path.join(tree, 'data'), to: '/services', writable: true },
    ...mounts,
  ]);
  const measure = async (script: string) => {
    const start = performance.now();
    const { exitCode, output } = await sandbox.execute({ script, timeoutMs: 60_000 });
    if (exitCode !== 0) throw new Error(`bench: a command failed: ${output}`);
    return performance.now() - start;
  };
  const firstMs = await measure(services.wrap('true'));
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await measure('true'));
    beside.push(await measure(services.wrap('true')));
  }
  const aloneMs = median(alone);
  return { aloneMs, addedMs: median(beside) - aloneMs, firstMs, title: services.provided.join(' ') };
}
