import { type Environment, emptyEnvironment } from './environment.js';
import type { RepositoryTree } from './repository-tree.js';

/** Reads what the files of a repository say about the environment that its tests need. */
export async function describeEnvironment(_tree: RepositoryTree, _settings: unknown): Promise<Environment> {
  return emptyEnvironment;
}
