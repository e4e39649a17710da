import { hasFile, type RepositoryTree } from '../../../environment/repository-tree.js';

export function hasJvmTests(tree: RepositoryTree): boolean {
  return hasFile(tree, /(^|\/)src\/\w*[tT]est\//);
}

/**
 * Matches the paths of test files. It respects case: `ThingTest.java` is a test, but `Latest.java` is not.
 */
export const jvmTestPaths = /(^|\/)[^/]*(Test|Tests|Spec|IT)\.(java|kt|groovy|scala)$/;
