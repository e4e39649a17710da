import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';

/** The fields of a GitHub App manifest (`app.yml`) that the local GitHub uses. */
export const AppManifest = z.object({
  name: z.string().min(1),
  /**
   * Maps each permission to its level. An installation token may have these permissions and `metadata: read`,
   * but no others.
   */
  default_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).default({}),
  /**
   * The events that are delivered to the App. `installation` events are delivered even without an entry here.
   */
  default_events: z.array(z.string()).default([]),
});
export type AppManifest = z.infer<typeof AppManifest>;

/** Default path of the manifest, relative to the working directory. Probot uses the same path. */
export const defaultManifest = 'app.yml';

/**
 * Reads and validates the manifest of an App.
 * @throws Error with the file's name and the reason when the manifest is missing or invalid
 */
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
