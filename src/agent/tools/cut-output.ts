import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What the model is shown of one output, in characters: the head and the tail. The rest stays in a file. */
export const maxShown = 8000;

/**
 * Cuts an output in the middle, early: it is paid for again at every later turn.
 * @param file name in the outputs folder, which the sandbox shows as /outputs
 */
export async function cutOutput(text: string, outputsFolder: string, file: string): Promise<string> {
  if (text.length <= maxShown) return text;
  await writeFile(path.join(outputsFolder, file), text, { mode: 0o644 });
  const half = maxShown / 2;
  const head = text.slice(0, half);
  const tail = text.slice(-half);
  const left = text.length - maxShown;
  return `${head}\n[… ${left} characters left out; the whole output: /outputs/${file} …]\n${tail}`.toWellFormed();
}
