import { z } from 'zod';
import type { FoundCommands, Runner } from '../find-commands.js';
import { findPackageManager } from '../find-package-manager.js';
import type { RepositoryTree } from '../repository-tree.js';

const NodePackage = z.object({
  scripts: z.record(z.string(), z.string().catch('')).catch({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}),
  optionalDependencies: z.record(z.string(), z.unknown()).catch({}),
  workspaces: z.unknown().optional(),
  packageManager: z.string().optional().catch(undefined),
});
type NodePackage = z.infer<typeof NodePackage>;

/** What `npm init` writes: no test. */
const placeholder = /no test specified/;

/** npm, pnpm or yarn by the lockfile; the runner by the package's own test script. */
export async function findNodeCommands(tree: RepositoryTree): Promise<FoundCommands | null> {
  const manifest = await readPackage(tree);
  if (!manifest) return null;
  const manager = await findPackageManager(tree, manifest.packageManager);
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const needsInstall =
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).length > 0 ||
    manifest.workspaces !== undefined ||
    tree.files.has('pnpm-workspace.yaml');
  // Without anything to install, pnpm and yarn still run the scripts.
  const setup = needsInstall ? manager.install : manager.install.slice(0, -1);
  const script = manifest.scripts.test;
  if (!script || placeholder.test(script)) return { setup, test: null };
  const runner = findRunner(script, manifest) ?? 'command';
  return { setup, test: { command: `${manager.name} test`, runner, takesArguments: false } };
}

/** @returns null when the command is none of Node's */
export async function guessNodeRunner(command: string, tree: RepositoryTree): Promise<Runner | null> {
  return findRunner(command, (await readPackage(tree)) ?? NodePackage.parse({}));
}

async function readPackage({ readFile }: RepositoryTree): Promise<NodePackage | null> {
  const text = await readFile('package.json');
  if (text === null) return null;
  try {
    return NodePackage.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    // No package manager takes such a file either; the repository may still have tests of another kind.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/**
 * The runner behind a command, through any number of scripts. Where there are several, the first: results are read from
 * each that reports, and this names what was expected.
 */
function findRunner(command: string, manifest: NodePackage, depth = 0): Runner | null {
  for (const part of command.split(/&&|\|\||[;|]/)) {
    const words = part.trim();
    const own = runners.find(([pattern]) => pattern.test(words))?.[1];
    if (own) return own;
    const name = callsScript.exec(words)?.[1];
    const called = name && manifest.scripts[name === 't' ? 'test' : name];
    const inner = called && depth < 5 && findRunner(called, manifest, depth + 1);
    if (inner) return inner;
  }
  return null;
}

const callsScript =
  /^(?:npm|pnpm|yarn|bun)\s+(?:(?:-s|--silent|-r|--if-present)\s+)*(?:run(?:-script)?\s+)?(?:(?:-s|--silent)\s+)*([\w:.-]+)/;

/** A program counts wherever it stands: behind `cross-env A=1`, `c8`, `npx`, `dotenv --`. */
const runners: [RegExp, Runner][] = [
  [/(?:^|[\s/])(?:node|tsx)(?:\s.*)?\s--test(?:\s|$)|(?:^|\s)borp(?:\s|$)/, 'node:test'],
  [/(?:^|[\s/])jest(?:\.js)?(?:\s|$)|(?:^|\s)react-scripts(?:\s.*)?\stest(?:\s|$)/, 'jest'],
  [/(?:^|[\s/])vitest(?:\.mjs)?(?:\s|$)/, 'vitest'],
  [/(?:^|[\s/])(?:_?mocha|ts-mocha)(?:\.js)?(?:\s|$)/, 'mocha'],
];
