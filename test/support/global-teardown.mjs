import { rm } from 'node:fs/promises';

export default async function tearDown() {
  const { stop, folder } = globalThis.testPostgres;
  await stop();
  await rm(folder, { recursive: true, force: true });
}
