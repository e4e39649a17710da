import path from 'node:path';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import { command as anyCommand } from '../runners/command.js';
import { isPlaceholder, readPackage } from '../runners/node/node-project.js';
import { findPackageManager, lockfiles } from '../runners/node/package-manager.js';
import { getRunner } from '../runners/runners.js';
import { findRunner } from './find-runner.js';
import { findOtherWays, type OtherWays } from './skip-checks.js';

/** A command that runs tests of one package. It has the fields of `TestCommand`. */
export interface PackageTest extends OtherWays {
  command: string;
  folder: string;
  runner: string;
  takesArguments: boolean;
}

/** Scripts that run the tests if no script is called `test` or begins with `test:`, best first. */
const otherNames = ['tests', 'ci:test', 'unit', 'unit-tests', 'unit-test', 'test-unit', 'test-ci'];
/** Words in the name of a script that runs no tests, or the tests of another script in another way. */
const variants =
  /^(watch|dev|debug|inspect|cov|coverage|report|update|snapshots?|lint|format|types?|tsc?|tsd|typecheck|ui|only|bail|bench|perf|load|stress|docker|prod|production|live|setup|prepare|build|clean|db)$/;

/** Nx runs the tests of all projects, also of those without a package.json. */
const ofNx = 'nx run-many --target=test';
const start: Readonly<Record<string, string>> = { pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bun x' };

/**
 * Finds the commands that run the tests of a package, from the scripts of its package.json. If there is no
 * script `test`, the scripts `test:unit`, `test:integration` and so on run the tests, each of them once. If
 * there are none either, Nx runs those of its projects.
 * @param folder the folder of the package.json, relative to the repository's root; '' is the root
 * @returns [] if the folder has no package.json, or no script runs tests
 */
export async function findPackageTests(tree: RepositoryTree, folder: string): Promise<PackageTest[]> {
  const manifest = await readPackage(tree, folder);
  if (!manifest) return [];
  const { scripts } = manifest;
  const names = chooseScripts(scripts);
  const manager = await findManager(tree, folder);
  if (names.length === 0 && folder === '' && tree.files.has('nx.json') && 'nx' in manifest.devDependencies)
    return [{ command: `${start[manager] ?? 'npx --no-install'} ${ofNx}`, folder, ...findRunner(ofNx, {}) }];
  const describe = (name: string) => ({
    // `bun test` starts Bun's own test runner.
    command: name === 'test' && manager !== 'bun' ? `${manager} test` : `${manager} run ${name}`,
    folder,
    runner: findRunnerOfScript(scripts[name] ?? '', scripts),
    takesArguments: false,
    ...findOtherWays(manager, scripts, name),
  });
  const found = names.map(async (name) => {
    const inner = folder === '' ? readInnerCall(scripts[name] ?? '') : null;
    const there = inner ? await findPackageTests(tree, inner.folder) : [];
    const same = there.find(({ command }) => command.split(' ').at(-1) === inner?.name);
    return same ?? describe(name);
  });
  return Promise.all(found);
}

/** Scripts that do nothing but call a script of another folder, such as `cd api && npm test`. */
const innerCalls = [
  /^cd\s+(?<folder>[\w@.][\w@./-]*)\s*&&\s*(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?<name>[\w:.-]+)$/,
  /^npm\s+(?:--prefix|-C)[\s=](?<folder>[\w@.][\w@./-]*)\s+(?:run\s+)?(?<name>[\w:.-]+)$/,
  /^npm\s+(?:run\s+)?(?<name>[\w:.-]+)\s+(?:--prefix|-C)[\s=](?<folder>[\w@.][\w@./-]*)$/,
  /^(?:pnpm|yarn)\s+(?:-C|--dir|--cwd)[\s=](?<folder>[\w@.][\w@./-]*)\s+(?:run\s+)?(?<name>[\w:.-]+)$/,
];

/** Returns the folder and the name of the script that a script of the root calls; null if it does more. */
function readInnerCall(script: string): { folder: string; name: string } | null {
  for (const pattern of innerCalls) {
    const { folder, name } = pattern.exec(script.trim())?.groups ?? {};
    const inside = path.posix.normalize(folder ?? '').replace(/\/$/, '');
    if (name && inside !== '.' && !inside.startsWith('..')) return { folder: inside, name };
  }
  return null;
}

/**
 * Finds the runner that a script starts. A runner that needs other arguments cannot get them through the
 * script, so it counts as an unknown one, of which Pullwright reads the reports that need none.
 */
function findRunnerOfScript(script: string, scripts: Readonly<Record<string, string>>): string {
  const { runner } = findRunner(script, scripts);
  const { report } = getRunner(runner);
  return report?.through === 'command' && report.files !== 'output' ? anyCommand.name : runner;
}

function chooseScripts(scripts: Readonly<Record<string, string>>): string[] {
  const hasTests = (name: string) => scripts[name] !== undefined && !isPlaceholder(scripts[name]);
  if (hasTests('test')) return ['test'];
  if (hasTests('test:all')) return ['test:all'];
  // The name becomes a part of a shell command.
  const parts = Object.keys(scripts).filter((name) => /^test:[\w:.-]+$/.test(name) && hasTests(name));
  const own = parts.filter((name) => !name.split(/[:.-]/).some((word) => variants.test(word)));
  const kinds = own.filter((name) => name !== 'test:ci');
  const chosen = kinds.length > 0 ? kinds : own;
  // A script that another chosen script starts must not run twice.
  const isStarted = (name: string) =>
    chosen.some((other) => other !== name && wordsOf(scripts[other]).includes(name));
  const first = chosen.filter((name) => !isStarted(name)).sort((a, b) => rank(a) - rank(b));
  if (first.length > 0) return first;
  return otherNames.filter(hasTests).slice(0, 1);
}

function wordsOf(script = ''): string[] {
  return script.split(/[\s"'`;&|()]+/).map((word) => word.replace(/^npm:/, ''));
}

/** Fast tests come first. The order of the other scripts stays as it is. */
function rank(name: string): number {
  return /unit/.test(name) ? 0 : /e2e|end-to-end|acceptance|smoke/.test(name) ? 2 : 1;
}

/** Returns the name of the package manager that the package or a folder above it uses. */
async function findManager(tree: RepositoryTree, folder: string): Promise<string> {
  const parent = folder === '' ? null : path.posix.join(folder, '..').replace(/^\.$/, '');
  const inside = {
    files: new Set(lockfiles.filter((name) => tree.files.has(path.posix.join(folder, name)))),
    readFile: (file: string) => tree.readFile(path.posix.join(folder, file)),
  };
  const manifest = await readPackage(tree, folder);
  const isKnown = manifest?.packageManager !== undefined || inside.files.size > 0 || parent === null;
  if (!isKnown) return findManager(tree, parent);
  return (await findPackageManager(inside, manifest ?? {})).name;
}
