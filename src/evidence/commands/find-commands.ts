import path from 'node:path';
import { type CiTest, type Environment, emptyEnvironment } from '../../environment/environment.js';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import { findNodeSetup, readScripts } from '../runners/node/node-project.js';
import { findRegistryVariables, provideAnyYarn } from '../runners/node/package-manager.js';
import { findPythonSetup } from '../runners/python/python-project.js';
import type { Runner } from '../runners/runner.js';
import { getRunner, runners } from '../runners/runners.js';
import { addInstallOptions, findNestedSetup, inFolder } from './find-nested-setup.js';
import { findPackageTests } from './find-package-tests.js';
import { findRunner } from './find-runner.js';
import { hideInnerPython, listProjectFolders, openFolder } from './project-folders.js';
import { findOtherWays, type OtherWays } from './skip-checks.js';

export interface TestCommand extends OtherWays {
  /** The test command, as a person would type it. */
  command: string;
  /** The folder in which it runs, relative to the root of the repository; '' is the root. */
  folder: string;
  /** The name of the test runner that the command is expected to start. */
  runner: string;
  /** Whether arguments at the end of the command reach the test runner. */
  takesArguments: boolean;
  /**
   * Whether nobody names the command, and other tests exist. If only other tests pass on the base commit, it
   * is left out.
   */
  isGuess?: boolean;
}

export interface Commands {
  /** Shell commands that install the repository's dependencies and prepare the tests. */
  setup: string[];
  /** The commands that run the tests; [] if Pullwright found no tests. */
  tests: TestCommand[];
  /** Variables that the configuration of registries names. They are empty, and the tools need them. */
  variables: Record<string, string>;
  /** Sentences for the readers of the evidence, for example that Pullwright found no tests. */
  notes: string[];
}

/** The part of a repository's settings that overrules what its files say. */
export interface CommandSettings {
  setup: readonly string[] | null;
  /** Commands that run after those of `setup`. */
  setupAdds: readonly string[];
  test: readonly { command: string; folder: string }[] | null;
}

/**
 * Finds the commands that install a repository's dependencies and run its tests. The sources, in the order of
 * precedence: the repository's settings, its CI, its other files.
 * @param environment what CI says
 */
export async function findCommands(
  tree: RepositoryTree,
  settings: CommandSettings,
  environment: Environment = emptyEnvironment,
): Promise<Commands> {
  const found = await findInFiles(tree);
  const isUsable = ({ command }: { command: string }) =>
    !dependsOnChange.test(command) && !(installsAgain.test(command) && found.tests.some(isOfPython));
  const named = settings.test ?? environment.tests.filter(isUsable);
  const ofCi = await Promise.all(named.map((one) => describeCommand(one, tree, found.tests)));
  const tests = settings.test ? ofCi : combine(ofCi, found.tests);
  const preparation = addLateInstalls(environment, tree).map(({ command, folder }) =>
    inFolder(command, folder),
  );
  const installed = settings.setup ? [] : await addNested(found, tree, environment, tests, ofCi);
  const setup = settings.setup ?? [...installed, ...preparation];
  const notes = tests.length > 0 ? [] : [noTests];
  const variables = await findRegistryVariables(tree);
  return { setup: [...setup, ...settings.setupAdds], tests, variables, notes };
}

/** If a preparing command writes the package.json of a folder, CI installs its packages after that. */
function addLateInstalls({ preparation, installs }: Environment, { files }: RepositoryTree): CiTest[] {
  return preparation.flatMap((one) => {
    const [, written] = /^(?:cp|mv)\s+\S+\s+(?:\.\/)?(package\.json|\.)$/.exec(one.command) ?? [];
    const hasOwn = files.has(path.posix.join(one.folder, 'package.json'));
    const isManifest = written !== undefined && /package\.json/.test(one.command) && !hasOwn;
    return isManifest ? [one, ...installs.filter(({ folder }) => folder === one.folder)] : [one];
  });
}

/**
 * Returns the setup of the root and of the folders whose tests run. Adds what CI says about the installation:
 * the folders in which it installs, and the options of npm.
 */
async function addNested(
  { setup, inFolders, isWorkspace }: Found,
  tree: RepositoryTree,
  environment: Environment,
  tests: readonly TestCommand[],
  ofCi: readonly TestCommand[],
): Promise<string[]> {
  const { installs } = environment;
  const used = inFolders.filter((one) => tests.some(({ folder }) => folder === one.folder));
  // A script of the root can call that of a folder, which its setup lacks.
  const called =
    ofCi.length > 0 ? [] : tests.filter((test) => !used.some(({ folder }) => folder === test.folder));
  const ofTests = [...ofCi, ...called].map((test) => ({ folder: test.folder, findSetup: languageOf(test) }));
  const nested = await findNestedSetup(tree, installs, ofTests, isWorkspace);
  const isNamed = ({ folder }: { folder: string }) =>
    tests.some((test) => test.folder === folder && !test.isGuess);
  const ofFolders = used.flatMap((one) => (isNamed(one) ? one.setup : one.setup.map(ifInstalled)));
  const commands = [...tests, ...environment.preparation].map(({ command }) => command);
  const scripts = Object.values(await readScripts(tree));
  const isProvided = [...setup, ...nested].some((command) => /\byarn --version\b/.test(command));
  const needsYarn = !isProvided && [...commands, ...scripts].some((one) => callsYarn.test(one));
  const all = [...(needsYarn ? [provideAnyYarn] : []), ...setup, ...ofFolders, ...nested];
  return [...new Set(all)].map((command) => addInstallOptions(command, installs));
}

/** Repositories of other package managers often call Yarn too. */
const callsYarn = /(?:^|[\s;&|("'])yarn(?:\s+[\w:@-]|\s*$)/;

/** Tests that nobody names need no setup if the machine lacks their language, because they cannot run. */
function ifInstalled(command: string): string {
  const program = /^cd '[^']*' && (dotnet|composer|cargo|go|mvn|gradle|bundle) /.exec(command)?.[1];
  return program === undefined ? command : `if command -v ${program} > /dev/null; then ${command}; fi`;
}

const noTests =
  'No tests were found in this repository. Set `test` in .github/pullwright.yml to the command that runs them.';

/** Such a command runs only the tests that a change affects. On the base commit it would run none. */
const dependsOnChange = /\baffected\b|--(?:changed|only-?changed|changed-?since|since)\b/i;

/** Such a command installs packages into an environment of its own. The tests have no network. */
const installsAgain = /^(?:\w+=\S*\s+)*(?:(?:uvx|pipx run|uv run|python[\d.]* -m)\s+)?(?:tox|nox)\b/;

/** Adds tests of languages that CI does not test. */
function combine(ofCi: readonly TestCommand[], found: readonly TestCommand[]): TestCommand[] {
  const unique = [...new Map(ofCi.map((test) => [`${test.folder}\n${test.command}`, test])).values()];
  if (unique.length === 0) return [...found];
  const languages = new Set(unique.map(languageOf));
  // A script of an unknown kind can run the tests of every language.
  if (languages.has(null)) return unique;
  // The usual script of a package whose other scripts CI calls runs no other language.
  const repeats = ({ command, folder }: TestCommand) =>
    /^(?:npm|pnpm|yarn|bun) /.test(command) && unique.some((test) => test.folder === folder);
  const others = found.filter(
    (test) => !languages.has(languageOf(test)) && !(languages.has(findNodeSetup) && repeats(test)),
  );
  return [...unique, ...others.map((test) => ({ ...test, isGuess: true }))];
}

/** Runners of one language share the function that finds the setup. */
type Language = Runner['findSetup'] | null;

/** @returns null if the command can run tests of every language */
function languageOf({ runner }: TestCommand): Language {
  const { report, findSetup } = getRunner(runner);
  return report?.through === 'node' ? findNodeSetup : (findSetup ?? null);
}

function isOfPython(test: TestCommand): boolean {
  return languageOf(test) === findPythonSetup;
}

interface Found extends Pick<Commands, 'setup' | 'tests'> {
  /** The setup of folders below the root, which only their tests need. */
  inFolders: { folder: string; setup: string[] }[];
  /** Whether the installation in the root installs the packages of its folders. */
  isWorkspace: boolean;
}

/**
 * Finds commands in the repository's files, in its root and, for languages without tests there, in its other
 * folders with projects.
 */
async function findInFiles(tree: RepositoryTree): Promise<Found> {
  const root = await findInFolder(tree, '');
  const isDone = new Set(root.tests.map(languageOf));
  const found: Found = { ...root, inFolders: [], tests: [...root.tests] };
  if (isDone.has(null)) return found;
  const before = new Set(isDone);
  for (const folder of listProjectFolders(tree)) {
    const inside = await findInFolder(tree, folder);
    const isCovered = (test: TestCommand) =>
      before.has(languageOf(test)) ||
      found.tests.some((one) => folder.startsWith(`${one.folder}/`) && languageOf(one) === languageOf(test));
    const tests = inside.tests.filter((test) => !isCovered(test));
    if (tests.length === 0) continue;
    found.tests.push(...tests);
    // The packages of a workspace are installed in its root.
    const isInstalled = root.isWorkspace && tests.every((test) => languageOf(test) === findNodeSetup);
    if (isInstalled) continue;
    found.inFolders.push({ folder, setup: inside.setup.map((command) => inFolder(command, folder)) });
  }
  const isCertain = (test: TestCommand) => test === root.tests[0] || found.tests.length === 1;
  return {
    ...found,
    tests: found.tests.map((test) => (isCertain(test) ? test : { ...test, isGuess: true })),
  };
}

/**
 * Finds the tests of each language in one folder. Tries the test script of the package.json first, and then
 * the runners in the order of `runners`.
 */
async function findInFolder(root: RepositoryTree, folder: string): Promise<Found> {
  const tree = openFolder(root, folder);
  const setups = new Map<Runner['findSetup'], string[]>([[findNodeSetup, await findNodeSetup(tree)]]);
  const tests: TestCommand[] = [];
  const isDone = new Set<Language>();
  tests.push(...(await findPackageTests(root, folder)));
  if (tests.length > 0) isDone.add(findNodeSetup);
  for (const { name, detect, findSetup, startedBy } of runners) {
    if (findSetup && !setups.has(findSetup)) setups.set(findSetup, await findSetup(tree));
    // A command such as `make test` usually starts one of the other runners, so it is the last resort.
    if (isDone.has(findSetup) || (findSetup === undefined && tests.length > 0)) continue;
    const command = await detect?.(findSetup === findPythonSetup ? hideInnerPython(tree) : tree);
    if (!command) continue;
    tests.push({ command, folder, runner: name, takesArguments: startedBy !== undefined });
    isDone.add(findSetup);
  }
  const isWorkspace =
    tree.files.has('pnpm-workspace.yaml') || /"workspaces"/.test((await tree.readFile('package.json')) ?? '');
  return { setup: chooseSetup(tests, setups), tests, inFolders: [], isWorkspace };
}

/**
 * Chooses the setup of the languages that have tests. A command such as `make test` can need the setup of any
 * language.
 */
function chooseSetup(
  tests: readonly TestCommand[],
  setups: ReadonlyMap<Runner['findSetup'], string[]>,
): string[] {
  const languages = new Set(tests.map(languageOf));
  const isAny = tests.length === 0 || languages.has(null);
  return [...setups].flatMap(([findSetup, commands]) =>
    isAny || findSetup === findNodeSetup || languages.has(findSetup) ? commands : [],
  );
}

async function describeCommand(
  { command, folder }: { command: string; folder: string },
  tree: RepositoryTree,
  found: readonly TestCommand[],
): Promise<TestCommand> {
  const same = found.find((one) => one.command === command && one.folder === folder);
  if (same) return { ...same, isGuess: false };
  const scripts = await readScripts(openFolder(tree, folder));
  const [, variables = '', manager = '', name = ''] =
    /^((?:[A-Za-z_]\w*=(?:'[^']*'|[^\s'])*\s+)*)(npm|pnpm|yarn|bun)(?: run)? ([\w:.-]+)$/.exec(command) ?? [];
  const ways: OtherWays = name ? findOtherWays(manager, scripts, name) : {};
  const add = (way: string) => (variables ? `export ${variables.trim()} && ${way}` : way);
  return {
    ...{ command, folder, ...findRunner(command, scripts), ...ways },
    ...(ways.withoutChecks && { withoutChecks: add(ways.withoutChecks) }),
    ...(ways.despiteSteps && { despiteSteps: add(ways.despiteSteps) }),
  };
}
