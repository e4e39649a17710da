import { readFile } from 'node:fs/promises';
import { InputError } from '../task.js';

export interface Entry {
  /** `file:line`, for errors. For an element of a JSON array, `file: entry <number>`. */
  place: string;
  value: unknown;
}

/**
 * Reads a file with one JSON value per line, or with one JSON array.
 * @throws InputError that names the file and the line
 */
export async function readLines(file: string): Promise<Entry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${file}: expected a file; ${error.code ?? error.message}`);
  });
  if (text.trimStart().startsWith('[')) {
    const values = parse(text, file) as unknown[];
    return values.map((value, index) => ({ place: `${file}: entry ${index + 1}`, value }));
  }
  return text.split('\n').flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    return line.trim() === '' ? [] : [{ place, value: parse(line, place) }];
  });
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${place}: expected JSON; ${(error as Error).message}`);
  }
}
