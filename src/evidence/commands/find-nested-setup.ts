import type { CiTest, Environment } from '../../environment/environment.js';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import { findNodeSetup } from '../runners/node/node-project.js';
import { lockfiles } from '../runners/node/package-manager.js';
import { quoteWord, type Runner } from '../runners/runner.js';
import { openFolder } from './project-folders.js';

const maxFolders = 8;
/** Matches an installation with a package manager for Node, perhaps with variables before it. */
const ofNode = /(?:^|[\s;&(])(?:npm|pnpm|yarn|yarnpkg|bun|lerna|rush)(?:\s|$)/;

/**
 * Finds the commands that install the dependencies of folders below the root: those in which CI installs, and
 * those of its tests. The packages of a workspace are installed in its root.
 * @param tests the tests of CI, with the function that finds the setup of their language; null for any
 * @param isWorkspace whether the root installs the packages of its folders
 */
export async function findNestedSetup(
  tree: RepositoryTree,
  installs: Environment['installs'],
  tests: readonly { folder: string; findSetup: Runner['findSetup'] | null }[],
  isWorkspace: boolean,
): Promise<string[]> {
  const folders = new Map([
    // CI installs packages of other languages in the folders of their tests.
    ...installs
      .filter(({ command }) => ofNode.test(command))
      .map(({ folder }) => [folder, findNodeSetup] as const),
    ...tests.map(({ folder, findSetup }) => [folder, findSetup ?? findNodeSetup] as const),
  ]);
  folders.delete('');
  const commands: string[] = [];
  for (const [folder, findSetup] of [...folders].slice(0, maxFolders)) {
    const inside = openFolder(tree, folder);
    const isOwn = lockfiles.some((file) => inside.files.has(file)) || !isWorkspace;
    if (findSetup === findNodeSetup && !isOwn) continue;
    const setup = (await findSetup?.(inside)) ?? [];
    commands.push(...setup.map((command) => inFolder(command, folder)));
  }
  return commands;
}

/** Adds the options with which CI makes npm ignore conflicts between packages in the same folder. */
export function addInstallOptions(command: string, installs: readonly CiTest[]): string {
  const given = installs.filter(({ command: one, folder }) => {
    const isSame = folder === '' ? !command.startsWith('cd ') : command.startsWith(inFolder('', folder));
    return isSame && /^npm\s/.test(one);
  });
  const options = ['--legacy-peer-deps', '--force'].filter((option) =>
    given.some((one) => one.command.split(/\s+/).includes(option)),
  );
  if (options.length === 0) return command;
  return command.replace(/\bnpm (ci|install) (?=--no-)/, `npm $1 ${options.join(' ')} `);
}

export function inFolder(command: string, folder: string): string {
  return folder === '' ? command : `cd ${quoteWord(folder)} && ${command}`;
}
