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

/** Matches the test script that `npm init` writes. This script runs no tests. */
const placeholder = /no test specified/;

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

/**
 * Returns the command that runs the package's test script, and the text of the script.
 * @returns null if the package has no test script
 */
export async function findPackageTest(
  tree: RepositoryTree,
): Promise<{ command: string; script: string } | null> {
  const manifest = await readPackage(tree);
  const script = manifest?.scripts.test;
  if (!script || placeholder.test(script)) return null;
  const manager = await findPackageManager(tree, manifest);
  // `bun test` starts Bun's own test runner.
  return { command: manager.name === 'bun' ? 'bun run test' : `${manager.name} test`, script };
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
    // If this code cannot read the package.json, a package manager cannot read it either. The repository can
    // still have tests in another language.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
