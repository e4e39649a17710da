import { readdir, rm } from 'node:fs/promises';

/** What programs keep in the folder for temporary files: Postgres, and caches of tsx and Node. */
const expected = /^(?:postgres|tsx-\d+|node-compile-cache)$/;

export default async function tearDown() {
  const { stop, folder } = globalThis.testPostgres;
  await stop();
  const left = (await readdir(folder)).filter((name) => !expected.test(name));
  await rm(folder, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`the tests left behind in their temporary folder: ${left.join(', ')}`);
}
