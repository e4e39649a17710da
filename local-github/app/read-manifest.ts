import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';

/** The fields of a GitHub App manifest (`app.yml`) that decide how the local GitHub treats the App. */
export const AppManifest = z.object({
  name: z.string().min(1),
  /** Permission name to level. A token can ask for these and no others. */
  default_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).default({}),
  /** The events that are delivered. `installation` events need no entry. */
  default_events: z.array(z.string()).default([]),
});
export type AppManifest = z.infer<typeof AppManifest>;

/** Probot keeps the manifest under this name in the working directory. */
export const defaultManifest = 'app.yml';

/** @throws Error that names the file and what is wrong with it */
export function readManifest(file: string): AppManifest {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`local GitHub: expected the App's manifest at ${file}; there is no such file`);
  }
  try {
    return AppManifest.parse(parse(text));
  } catch (error) {
    if (error instanceof z.ZodError)
      throw new Error(`local GitHub: ${file} is not an App manifest:\n${z.prettifyError(error)}`);
    if (error instanceof YAMLParseError) throw new Error(`local GitHub: ${file}: ${error.message}`);
    throw error;
  }
}
