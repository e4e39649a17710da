import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findSecrets, type SecretSearch } from '../../../src/secrets/old/find-secrets.js';
import { openSecretSearch } from '../../../src/secrets/old/open-secret-search.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

const live = ['a-live-value-of-this-process-7Q'];
const encoded = Buffer.from(live[0] ?? '').toString('base64');
const long = 'const total = items.reduce((sum, item) => sum + item.price, 0);\n'.repeat(4_000);
/** Threads are begun from the build: they know no other loader than Node's. */
const apart = openSecretSearch(new URL('../../../dist/secrets/old/search-worker.js', import.meta.url));

describe('a long text', () => {
  test('is looked through as a short one is: in the same places, and no less deep', async () => {
    for (const text of [
      long,
      `${long}${live}\n${long}`,
      `${long} "${encoded}"`,
      `${long} ghp_${'a1B2'.repeat(9)}`,
    ]) {
      expect(await apart(text, live)).toEqual(await findSecrets(text, live));
    }
    expect(await apart(`${long} "${encoded}"`, live)).toHaveLength(1);
  });

  test('does not keep the process from anything else meanwhile', async () => {
    const turns = await countTurns(apart);
    expect(turns).toBeGreaterThan(50);
    expect(turns).toBeGreaterThan(5 * (await countTurns(findSecrets)));
  });
});

/** How often the event loop goes round while a search goes on. */
async function countTurns(search: SecretSearch): Promise<number> {
  let turns = 0;
  let over = false;
  const turn = () => {
    turns += 1;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await search(long, live);
  over = true;
  return turns;
}

describe('the thread', () => {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  beforeAll(async () => {
    folder = await createTemporaryFolder();
  });
  afterAll(() => folder.remove());
  const open = async (program: string, deadlineMs?: number) => {
    const file = path.join(folder.path, `${Math.random()}.mjs`);
    await writeFile(file, `import { parentPort, workerData } from 'node:worker_threads';\n${program}`);
    return openSecretSearch(pathToFileURL(file), deadlineMs);
  };

  test('has the values by its message only: not in its environment, nor in its arguments', async () => {
    const search = await open(
      'parentPort.postMessage([process.env, process.argv.slice(2), process.execArgv, Object.keys(workerData)]);',
    );
    expect(await search(long, live)).toEqual([{}, [], [], ['text', 'live']]);
  });

  test.each([
    ['fails', "throw new Error('out of order');", 'out of order'],
    ['ends without an answer', 'process.exit(0);', 'ended with 0, unanswered'],
  ])('that %s is an error, and never a text without secrets', async (_, program, message) => {
    await expect((await open(program))(long, live)).rejects.toThrow(message);
  });

  test('that takes too long is ended, and its text is one that must not leave', async () => {
    const [found] = await (await open('for (;;);', 500))(long, live);
    expect(found).toMatchObject({ start: 0, end: long.length, unplaced: true });
    expect(found?.what).toContain('could not be looked through for credentials in 0.5 seconds');
  });
});
