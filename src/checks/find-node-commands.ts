import { z } from 'zod';
import type { Commands, RepositoryTree, Runner, TestCommand } from './find-commands.js';

const Package = z.object({
  scripts: z.record(z.string(), z.string()).catch({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}),
  workspaces: z.unknown().optional(),
  packageManager: z.string().optional().catch(undefined),
});
type Package = z.infer<typeof Package>;

/** What `npm init` writes: no test. */
const placeholder = /no test specified/;

/** npm, pnpm or yarn by the lockfile; the runner by the package's own test script. */
export async function findNodeCommands(tree: RepositoryTree): Promise<Omit<Commands, 'notes'> | null> {
  const manifest = await readPackage(tree);
  if (!manifest) return null;
  const manager = findManager(tree, manifest);
  const needsInstall =
    Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0 ||
    manifest.workspaces !== undefined;
  const script = manifest.scripts.test;
  const setup = needsInstall ? [manager.install] : [];
  if (!script || placeholder.test(script)) return { setup, test: null };
  const test: TestCommand = { command: `${manager.name} test`, ...describeScript(script, manifest) };
  return { setup, test };
}

/** @returns null when the command is none of Node's */
export async function guessNodeRunner(
  command: string,
  tree: RepositoryTree,
): Promise<Omit<TestCommand, 'command'> | null> {
  const manifest = (await readPackage(tree)) ?? Package.parse({});
  const name = /^(?:npm|pnpm|yarn)\s+(?:run\s+)?([\w:.-]+)\s*$/.exec(command.trim())?.[1];
  const script = name && manifest.scripts[name];
  if (script) return describeScript(script, manifest);
  const own = describeScript(command, manifest);
  return own.runner === 'command' ? null : own;
}

async function readPackage({ readFile }: RepositoryTree): Promise<Package | null> {
  const text = await readFile('package.json');
  if (text === null) return null;
  try {
    return Package.parse(JSON.parse(text));
  } catch (error) {
    // No package manager takes such a file either; the repository may still have tests of another kind.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function findManager(
  { files }: RepositoryTree,
  { packageManager = '' }: Package,
): { name: string; install: string } {
  if (files.has('pnpm-lock.yaml') || packageManager.startsWith('pnpm@'))
    return { name: 'pnpm', install: 'pnpm install --frozen-lockfile' };
  if (files.has('yarn.lock') || packageManager.startsWith('yarn@'))
    return {
      name: 'yarn',
      install: files.has('.yarnrc.yml') ? 'yarn install --immutable' : 'yarn install --frozen-lockfile',
    };
  const locked = files.has('package-lock.json') || files.has('npm-shrinkwrap.json');
  return {
    name: 'npm',
    install: locked ? 'npm ci --no-audit --no-fund' : 'npm install --no-audit --no-fund',
  };
}

/** Arguments reach the last command of a script: only there a reporter can be asked for. */
function describeScript(script: string, manifest: Package, depth = 0): Omit<TestCommand, 'command'> {
  const parts = script.split(/&&|\|\||[;|]/).map((part) => part.trim());
  const last = parts.at(-1) ?? '';
  const runner = findRunner(last);
  if (runner) return { runner, takesArguments: !/[|]\s*\w/.test(script) && !/\$\(|`/.test(last) };
  const called = /^(?:npm|pnpm|yarn)\s+(?:run\s+)?(?:-s\s+|--silent\s+)?([\w:.-]+)\s*(--)?\s*$/.exec(
    last,
  )?.[1];
  const next = called && manifest.scripts[called];
  if (next && depth < 4) {
    const inner = describeScript(next, manifest, depth + 1);
    // npm hands arguments on to a script only where the outer script says `--`.
    return { ...inner, takesArguments: inner.takesArguments && (!/^npm/.test(last) || / --\s*$/.test(last)) };
  }
  const somewhere = parts.map(findRunner).find(Boolean);
  // node:test is asked by the environment and needs no arguments.
  return somewhere === 'node:test'
    ? { runner: 'node:test', takesArguments: false }
    : { runner: 'command', takesArguments: false };
}

function findRunner(command: string): Runner | null {
  const words = command
    .replace(/^(?:\w+=(?:"[^"]*"|'[^']*'|\S*)\s+)+/, '')
    .replace(
      /^(?:cross-env(?:\s+\w+=\S*)*|npx|pnpm exec|yarn|c8|nyc|dotenv(?:\s+-\S+)*\s+--)\s+(?:(?:--?[\w-]+(?:=\S+)?)\s+)*/g,
      '',
    )
    .trim();
  if (/^(?:\S*\/)?(?:node|tsx)\b.*\s--test\b/.test(words) || /^(?:tsx|node)\s+--test\b/.test(words))
    return 'node:test';
  if (/^(?:\S*\/)?jest\b|^node\b.*\bjest(?:\/bin\/jest)?(?:\.js)?\b|^react-scripts test\b/.test(words))
    return 'jest';
  if (/^(?:\S*\/)?vitest\b/.test(words)) return 'vitest';
  if (/^(?:\S*\/)?_?mocha\b/.test(words)) return 'mocha';
  return null;
}
