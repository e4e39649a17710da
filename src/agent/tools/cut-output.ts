import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Longest result that the model gets, in characters. A longer one is cut to its head and tail. */
export const maxShown = 8000;

/** Largest size of a run's outputs folder, in bytes: the sandbox's disk limit does not cover it. */
const maxKept = 256 * 1024 * 1024;

/**
 * Cuts out the middle of a long result, because every later turn pays for it again. The full text is written
 * to a file.
 * @param file its name in the outputs folder, which the sandbox shows as /outputs
 */
export async function cutOutput(text: string, outputsFolder: string, file: string): Promise<string> {
  if (text.length <= maxShown) return text;
  const isKept = (await sizeOf(outputsFolder)) + Buffer.byteLength(text) <= maxKept;
  if (isKept) await writeFile(path.join(outputsFolder, file), text, { mode: 0o644 });
  const half = maxShown / 2;
  const head = text.slice(0, half);
  const tail = text.slice(-half);
  const where = isKept ? `full text: /outputs/${file}` : 'not saved, because /outputs is full';
  return `${head}\n[… ${text.length - maxShown} characters omitted; ${where} …]\n${tail}`.toWellFormed();
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
