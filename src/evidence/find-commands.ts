import type { RepositoryTree } from './repository-tree.js';
import { findNodeCommands, guessNodeRunner } from './runners/find-node-commands.js';
import {
  findDotnet,
  findGo,
  findJava,
  findMakefile,
  findPhp,
  findRuby,
  findRust,
} from './runners/find-other-commands.js';
import { findPythonCommands } from './runners/find-python-commands.js';

export type Runner =
  | 'node:test'
  | 'jest'
  | 'vitest'
  | 'mocha'
  | 'pytest'
  | 'unittest'
  | 'go'
  | 'cargo'
  | 'maven'
  | 'gradle'
  | 'rspec'
  | 'minitest'
  | 'phpunit'
  | 'dotnet'
  | 'command';

export interface TestCommand {
  /** As a person would type it. */
  command: string;
  /** Decides how results are asked for; `command`: every runner that its environment may reach is asked. */
  runner: Runner;
  /** Further words reach the runner when they are put behind the command. */
  takesArguments: boolean;
}

export interface Commands {
  /** Shell commands that install dependencies. */
  setup: string[];
  /** Null where no tests were found. */
  test: TestCommand | null;
  /** What a reader of the evidence has to know. */
  notes: string[];
}

/** What one ecosystem's files say. */
export type FoundCommands = Omit<Commands, 'notes'>;

/**
 * Finds out how a repository's dependencies are installed and its tests are run, by the files in its root. What the
 * repository's settings say comes first.
 */
export async function findCommands(
  tree: RepositoryTree,
  settings: { setup: string[] | null; test: string | null },
): Promise<Commands> {
  const candidates: FoundCommands[] = [];
  for (const find of finders) {
    const candidate = await find(tree);
    if (candidate) candidates.push(candidate);
    // The first ecosystem that has tests counts; a Makefile beside it is how people call it.
    if (candidate?.test) break;
  }
  const chosen = candidates.find(({ test }) => test !== null);
  // `make test` of a Node repository needs what Node's manifest says.
  const setups = candidates.filter(({ setup }) => setup.length > 0);
  const installed = chosen && chosen.setup.length > 0 ? chosen.setup : setups.flatMap(({ setup }) => setup);
  const test = settings.test
    ? await describeCommand(settings.test, tree, chosen?.test ?? null)
    : (chosen?.test ?? null);
  const notes = test
    ? []
    : [
        'No tests were found in this repository. `test` in .github/pullwright.yml names the command that runs them.',
      ];
  return { setup: settings.setup ?? installed, test, notes };
}

const finders: ((tree: RepositoryTree) => Promise<FoundCommands | null>)[] = [
  findNodeCommands,
  findPythonCommands,
  findGo,
  findRust,
  findJava,
  findRuby,
  findPhp,
  findDotnet,
  findMakefile,
];

const words: [RegExp, Runner][] = [
  [/\bpytest\b/, 'pytest'],
  [/-m unittest\b|\bmanage\.py test\b/, 'unittest'],
  [/\bgo test\b/, 'go'],
  [/\bcargo (?:test|t)\b/, 'cargo'],
  [/\bmvnw?\b/, 'maven'],
  [/\bgradlew?\b/, 'gradle'],
  [/\brspec\b/, 'rspec'],
  [/\bphpunit\b/, 'phpunit'],
  [/\bdotnet test\b/, 'dotnet'],
  [/\brails test\b|\brake test\b/, 'minitest'],
];

/** A command from the settings: its runner is known by its words, or through the package's script. */
async function describeCommand(
  command: string,
  tree: RepositoryTree,
  found: TestCommand | null,
): Promise<TestCommand> {
  if (found?.command === command) return found;
  const node = await guessNodeRunner(command, tree);
  if (node) return { command, runner: node, takesArguments: false };
  const composite = /[|;&\n]/.test(command);
  const runner = words.find(([pattern]) => pattern.test(command))?.[1] ?? 'command';
  // Of a composite only those are surely asked that the environment tells.
  const asked = !composite || ['pytest', 'rspec', 'minitest'].includes(runner);
  return { command, runner: asked ? runner : 'command', takesArguments: runner !== 'command' && !composite };
}
