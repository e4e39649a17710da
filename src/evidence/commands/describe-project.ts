import { describeEnvironment } from '../../environment/describe-environment.js';
import type { Environment } from '../../environment/environment.js';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Settings } from '../../task/settings.js';
import { type Commands, findCommands } from './find-commands.js';

/** Finds out what a repository's tests need, and the commands that set it up and run the tests. */
export async function describeProject(
  tree: RepositoryTree,
  settings: Settings,
): Promise<Commands & { environment: Environment }> {
  const described = await describeEnvironment(tree, settings);
  const commands = await findCommands(tree, settings, described);
  const variables = { ...commands.variables, ...described.variables };
  return { ...commands, environment: { ...described, variables } };
}
