import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockHome } from '../../src/composition/lock-home.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeEach(async () => {
  folder = await createTemporaryFolder();
});
afterEach(() => folder.remove());

/** A process of its own that has the lock, and a child that outlives it. */
async function holdElsewhere(home: string) {
  const module = path.join(import.meta.dirname, '..', '..', 'dist', 'composition', 'lock-home.js');
  const script = `
    const { lockHome } = await import(${JSON.stringify(module)});
    globalThis.lock = await lockHome(${JSON.stringify(home)});
    const { spawn } = await import('node:child_process');
    const left = spawn('sleep', ['20'], { detached: true, stdio: 'ignore' });
    console.log(left.pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(child.stdout, 'data');
  return { child, left: Number(output) };
}

test('a second process is refused, with the id of the first, until the first one exits', async () => {
  const lock = await lockHome(folder.path);
  await expect(lockHome(folder.path)).rejects.toThrow(
    `PULLWRIGHT_HOME: expected a folder that no other worker uses; ${folder.path} is in use by process ${process.pid}`,
  );
  await lock.release();
  await (await lockHome(folder.path)).release();
});

test('a killed process does not block the home, although a child of it still runs', async () => {
  const { child, left } = await holdElsewhere(folder.path);
  await expect(lockHome(folder.path)).rejects.toThrow(`in use by process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  process.kill(left, 0);
  await (await lockHome(folder.path)).release();
  process.kill(left);
});
