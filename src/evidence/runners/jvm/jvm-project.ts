import { hasFile, type RepositoryTree } from '../../repository-tree.js';

export function hasJvmTests(tree: RepositoryTree): boolean {
  return hasFile(tree, /(^|\/)src\/\w*[tT]est\//);
}

/** Class names begin with a capital: `ThingTest` is a test, and `Latest` is not. */
export const jvmTestPaths = /(^|\/)[^/]*(Test|Tests|Spec|IT)\.(java|kt|groovy|scala)$/;
