import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { describeFault, InputError } from '../task.js';

/** A merged fix of a public repository. It names commits; it contains no code. */
const Fix = z.strictObject({
  instance_id: z.string(),
  repo: z.string(),
  fix: z.string(),
  problem_statement: z.string().min(1),
  setup: z.array(z.string()).nullable().default(null),
  test: z.string().nullable().default(null),
});

/** @throws InputError that names the file, the entry and the field */
export async function readCatalog(file: string): Promise<z.output<typeof Fix>[]> {
  const value = await readJson(file);
  const parsed = z.array(Fix).min(1).safeParse(value);
  if (!parsed.success) throw new InputError(`${file}: ${describeFault(parsed.error, value)}`);
  return parsed.data;
}

const Issue = z.object({ title: z.string().min(1), body: z.string().nullish() });

/**
 * Reads the text of an issue from a JSON file with `title` and `body`, as GitHub's API returns it, or from a
 * Markdown file.
 */
export async function readIssue(file: string): Promise<string> {
  if (!file.endsWith('.json')) return (await readText(file)).trim();
  const value = await readJson(file);
  const parsed = Issue.safeParse(value);
  if (!parsed.success) throw new InputError(`${file}: ${describeFault(parsed.error, value)}`);
  return `${parsed.data.title}\n\n${parsed.data.body ?? ''}`.trim();
}

async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: expected JSON; ${(error as Error).message}`);
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${file}: expected a file; ${error.code ?? error.message}`);
  });
}
