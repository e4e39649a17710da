import { z } from 'zod';
import type { RepositoryTree } from '../../repository-tree.js';
import { findPackageManager } from './package-manager.js';

const NodePackage = z.object({
  scripts: z.record(z.string(), z.string().catch('')).catch({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}),
  optionalDependencies: z.record(z.string(), z.unknown()).catch({}),
  workspaces: z.unknown().optional(),
  packageManager: z.string().optional().catch(undefined),
});
type NodePackage = z.infer<typeof NodePackage>;

/** The test script that `npm init` writes. It runs no test. */
const placeholder = /no test specified/;

export async function findNodeSetup(tree: RepositoryTree): Promise<string[]> {
  const manifest = await readPackage(tree);
  if (!manifest) return [];
  const { install } = await findPackageManager(tree, manifest.packageManager);
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const needsInstall =
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).length > 0 ||
    manifest.workspaces !== undefined ||
    tree.files.has('pnpm-workspace.yaml');
  // Even with nothing to install, pnpm and yarn are needed to run the scripts.
  return needsInstall ? install : install.slice(0, -1);
}

/**
 * @returns the command that runs the package's test script, and the script itself; null if there is no script
 */
export async function findPackageTest(
  tree: RepositoryTree,
): Promise<{ command: string; script: string } | null> {
  const manifest = await readPackage(tree);
  const script = manifest?.scripts.test;
  if (!script || placeholder.test(script)) return null;
  const manager = await findPackageManager(tree, manifest.packageManager);
  return { command: `${manager.name} test`, script };
}

export async function readScripts(tree: RepositoryTree): Promise<Readonly<Record<string, string>>> {
  return (await readPackage(tree))?.scripts ?? {};
}

async function readPackage({ readFile }: RepositoryTree): Promise<NodePackage | null> {
  const text = await readFile('package.json');
  if (text === null) return null;
  try {
    return NodePackage.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    // Package managers cannot read this file either. The repository may still have tests of another language.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
