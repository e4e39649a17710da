import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Maximum length of a result for the model, in characters. A longer result keeps only its beginning and its
 * end.
 */
export const maxShown = 8000;

/** Maximum size of a run's outputs folder, in bytes. The sandbox's disk limit does not cover this folder. */
const maxKept = 256 * 1024 * 1024;

/**
 * Cuts out the middle of a long result and writes the full text to a file. The model reads every result again
 * in each later turn, so a long result would cost tokens in all of these turns.
 * @param file name of the file in the outputs folder, which the sandbox mounts at /outputs
 */
export async function cutOutput(text: string, outputsFolder: string, file: string): Promise<string> {
  if (text.length <= maxShown) return text;
  const where = await saveOutput(text, outputsFolder, file);
  const half = maxShown / 2;
  const head = text.slice(0, half);
  const tail = text.slice(-half);
  return `${head}\n[… ${text.length - maxShown} characters omitted; ${where} …]\n${tail}`.toWellFormed();
}

/**
 * Writes a text to a file that the agent can read.
 * @returns human-readable words that say where the text is
 */
export async function saveOutput(text: string, outputsFolder: string, file: string): Promise<string> {
  const isKept = (await sizeOf(outputsFolder)) + Buffer.byteLength(text) <= maxKept;
  if (!isKept) return 'not saved, because /outputs is full';
  await writeFile(path.join(outputsFolder, file), text, { mode: 0o644 });
  return `full text: /outputs/${file}`;
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
