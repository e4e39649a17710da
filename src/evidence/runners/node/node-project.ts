import path from 'node:path';
import { z } from 'zod';
import type { RepositoryTree } from '../../../environment/repository-tree.js';
import { findPackageManager, PackageManagerFields } from './package-manager.js';

const NodePackage = PackageManagerFields.extend({
  scripts: z.record(z.string(), z.string().catch('')).catch({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}),
  optionalDependencies: z.record(z.string(), z.unknown()).catch({}),
  workspaces: z.unknown().optional(),
});
type NodePackage = z.infer<typeof NodePackage>;

/** Matches scripts that run no tests, such as the one that `npm init` writes. */
const placeholder =
  /no test specified|^\s*(?:echo\s+(?:"[^"]*"|'[^']*'|[\w .!-]*)\s*(?:(?:&&|;)\s*)?)?(?:exit [01]|true)?\s*$/;

export async function findNodeSetup(tree: RepositoryTree): Promise<string[]> {
  const manifest = await readPackage(tree);
  if (!manifest) return [];
  const { provide, install } = await findPackageManager(tree, manifest);
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const needsInstall =
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).length > 0 ||
    manifest.workspaces !== undefined ||
    tree.files.has('pnpm-workspace.yaml');
  // A package without dependencies still needs its package manager, which runs the package's scripts.
  return needsInstall ? [...provide, ...install] : provide;
}

export async function readScripts(tree: RepositoryTree): Promise<Readonly<Record<string, string>>> {
  return (await readPackage(tree))?.scripts ?? {};
}

export function isPlaceholder(script: string): boolean {
  return placeholder.test(script);
}

/**
 * Reads a package.json.
 * @param folder the folder of the file, relative to the repository's root; '' is the root
 * @returns null if there is no such file or it is not valid
 */
export async function readPackage({ readFile }: RepositoryTree, folder = ''): Promise<NodePackage | null> {
  const text = await readFile(path.posix.join(folder, 'package.json'));
  if (text === null) return null;
  try {
    return NodePackage.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    // If this code cannot read the package.json, a package manager cannot read it either. The repository can
    // still have tests in another language.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
