import { hasFile, type RepositoryTree } from '../../repository-tree.js';

export function hasJvmTests(tree: RepositoryTree): boolean {
  return hasFile(tree, /(^|\/)src\/\w*[tT]est\//);
}

export const jvmTestPaths = /(^|\/)[^/]*(Test|Tests|Spec|IT)\.(java|kt|groovy|scala)$/i;
