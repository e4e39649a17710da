import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { OutputStore } from '../../database/output-store.js';

/** Keeps what the commands of a turn printed beyond what the model was shown. */
export async function keepOutputs(
  store: OutputStore,
  runId: string,
  folder: string,
  turn: number,
): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(`turn-${turn}-`))
      await store.save(runId, name, await promisify(gzip)(await readFile(path.join(folder, name))));
}

/** Brings the outputs that the model was told of to a machine that does not have them. */
export async function bringOutputs(store: OutputStore, runId: string, folder: string): Promise<void> {
  for (const name of await store.list(runId)) {
    const file = path.join(folder, name);
    if (existsSync(file)) continue;
    const packed = await store.load(runId, name);
    if (packed) await writeFile(file, await promisify(gunzip)(packed), { mode: 0o644 });
  }
}
