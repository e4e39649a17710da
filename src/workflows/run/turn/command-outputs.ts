import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { listOutputs, loadOutput, saveOutput } from '../../../database/outputs.js';
import type { Queryable } from '../../../database/queryable.js';

/** Stores the full outputs of a turn's commands. The model saw only the start and end of these outputs. */
export async function saveOutputs(db: Queryable, runId: string, folder: string, turn: number): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(`turn-${turn}-`))
      await saveOutput(db, runId, name, await promisify(gzip)(await readFile(path.join(folder, name))));
}

/** Writes the stored outputs into `folder`, except those that the folder already contains. */
export async function loadOutputs(db: Queryable, runId: string, folder: string): Promise<void> {
  for (const name of await listOutputs(db, runId)) {
    const file = path.join(folder, name);
    if (existsSync(file)) continue;
    const packed = await loadOutput(db, runId, name);
    if (packed) await writeFile(file, await promisify(gunzip)(packed), { mode: 0o644 });
  }
}
