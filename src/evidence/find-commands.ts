import type { RepositoryTree } from '../environment/repository-tree.js';
import type { TestSetting } from '../task/environment-settings.js';
import { findRunner } from './find-runner.js';
import { findNodeSetup, findPackageTest, readScripts } from './runners/node/node-project.js';
import type { Runner } from './runners/runner.js';
import { runners } from './runners/runners.js';

export interface TestCommand {
  /** The test command, as a person would type it. */
  command: string;
  /** The folder in which it runs, relative to the root of the repository; '' is the root. */
  folder: string;
  /** The name of the test runner that the command is expected to start. */
  runner: string;
  /** Whether arguments at the end of the command reach the test runner. */
  takesArguments: boolean;
}

export interface Commands {
  /** Shell commands that install the repository's dependencies. */
  setup: string[];
  /** The command that runs the tests; null if Pullwright found no tests. */
  test: TestCommand | null;
  /** Sentences for the readers of the evidence, for example that Pullwright found no tests. */
  notes: string[];
}

type FoundCommands = Omit<Commands, 'notes'>;

/**
 * Finds the commands that install a repository's dependencies and run its tests. A command in the
 * repository's settings overrides the command that this function finds in the repository's files.
 */
export async function findCommands(
  tree: RepositoryTree,
  settings: { setup: string[] | null; setupAdds?: string[]; test: TestSetting[] | null },
): Promise<Commands> {
  const found = await findInFiles(tree);
  const [first] = settings.test ?? [];
  const test = first ? await describeCommand(first, tree, found.test) : found.test;
  const notes = test ? [] : [noTests];
  return { setup: [...(settings.setup ?? found.setup), ...(settings.setupAdds ?? [])], test, notes };
}

const noTests =
  'No tests were found in this repository. Set `test` in .github/pullwright.yml to the command that runs them.';

/**
 * Finds commands in the repository's files. Tries the test script of the package.json first, and then each
 * runner in the order of `runners`.
 */
async function findInFiles(tree: RepositoryTree): Promise<FoundCommands> {
  const setups = new Map<Runner['findSetup'], string[]>([[findNodeSetup, await findNodeSetup(tree)]]);
  const everySetup = () => [...setups.values()].flat();
  const packageTest = await findPackageTest(tree);
  if (packageTest) {
    const { runner } = findRunner(packageTest.script, await readScripts(tree));
    return {
      setup: everySetup(),
      test: { command: packageTest.command, folder: '', runner, takesArguments: false },
    };
  }
  for (const { name, detect, findSetup, startedBy } of runners) {
    if (findSetup && !setups.has(findSetup)) setups.set(findSetup, await findSetup(tree));
    const command = await detect?.(tree);
    if (!command) continue;
    const ownSetup = setups.get(findSetup) ?? [];
    // The runner of a command such as `make test` has no setup of its own. Such a command may need the setup
    // of any language in the repository.
    return {
      setup: ownSetup.length > 0 ? ownSetup : everySetup(),
      test: { command, folder: '', runner: name, takesArguments: startedBy !== undefined },
    };
  }
  return { setup: everySetup(), test: null };
}

async function describeCommand(
  { command, folder }: TestSetting,
  tree: RepositoryTree,
  found: TestCommand | null,
): Promise<TestCommand> {
  if (found?.command === command && found.folder === folder) return found;
  return { command, folder, ...findRunner(command, await readScripts(tree)) };
}
