import { z } from 'zod';
import type { Download } from '../workspace/workspace.js';
import type { InstalledPackage, Project } from './ecosystem.js';
import { folderOf } from './paths.js';

const timeoutMs = 60_000;

const Installed: z.ZodType<Record<string, InstalledPackage>> = z.record(
  z.string(),
  z.object({
    version: z.string(),
    license: z.string().nullable(),
    bytes: z.number().nullable(),
    installScripts: z.array(z.string()).nullable(),
  }),
);

/**
 * Reads the licenses, sizes and install scripts of packages that were installed in a download.
 * @returns only the packages that were found
 */
export async function inspectPackages(
  { sandbox }: Download,
  project: Project,
  manifest: string,
  names: readonly string[],
): Promise<Record<string, InstalledPackage>> {
  if (names.length === 0) return {};
  const cwd = folderOf(manifest) || '.';
  const { read = JSON.parse, ...script } = project.inspect(names);
  const { exitCode, stdout } = await sandbox.execute({ ...script, cwd, timeoutMs });
  if (exitCode !== 0) return {};
  try {
    return Installed.catch({}).parse(read(stdout));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
