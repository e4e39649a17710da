import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What the model is shown of one output, in characters: the head and the tail. The rest stays in a file. */
export const maxShown = 8000;

/** Of all outputs of a run, in bytes: they are on the host's disk, where no limit of the sandbox counts them. */
const maxKept = 256 * 1024 * 1024;

/**
 * Cuts an output in the middle, early: it is paid for again at every later turn.
 * @param file name in the outputs folder, which the sandbox shows as /outputs
 */
export async function cutOutput(text: string, outputsFolder: string, file: string): Promise<string> {
  if (text.length <= maxShown) return text;
  const isKept = (await sizeOf(outputsFolder)) + Buffer.byteLength(text) <= maxKept;
  if (isKept) await writeFile(path.join(outputsFolder, file), text, { mode: 0o644 });
  const half = maxShown / 2;
  const head = text.slice(0, half);
  const tail = text.slice(-half);
  const left = text.length - maxShown;
  const where = isKept ? `the whole output: /outputs/${file}` : 'not kept: /outputs is full';
  return `${head}\n[… ${left} characters left out; ${where} …]\n${tail}`.toWellFormed();
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
