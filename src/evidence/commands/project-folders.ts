import path from 'node:path';
import type { RepositoryTree } from '../../environment/repository-tree.js';

/** Files that make a folder a project of its own. */
const manifests =
  /^(?:package\.json|deno\.jsonc?|pyproject\.toml|setup\.py|requirements\.txt|go\.mod|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|Gemfile|composer\.json|[^/]+\.(?:sln|slnx|csproj|fsproj))$/;
/** Projects in these folders are no part of the product. */
const others =
  /(?:^|\/)(?:node_modules|vendor|third_party|\.[^/]+|tests?|__tests__|spec|fixtures?|__fixtures__|testdata|examples?|samples?|demos?|docs?|website|templates?|benchmarks?|bench|dist|build)(?:\/|$)/i;
const maxDepth = 3;
const maxFolders = 40;

/**
 * Lists the folders below the root that contain a project of their own. The outer ones come first.
 * @returns at most 40 folders
 */
export function listProjectFolders({ files }: RepositoryTree): string[] {
  const folders = new Set<string>();
  for (const file of files) {
    const folder = path.posix.dirname(file);
    const isProject = manifests.test(path.posix.basename(file)) && folder !== '.';
    if (isProject && folder.split('/').length <= maxDepth && !others.test(folder)) folders.add(folder);
  }
  return [...folders]
    .sort((one, other) => one.split('/').length - other.split('/').length || (one < other ? -1 : 1))
    .slice(0, maxFolders);
}

const pythonManifests =
  /^(?:pyproject\.toml|setup\.py|setup\.cfg|requirements[\w-]*\.txt|Pipfile|uv\.lock|manage\.py)$/;

/**
 * Hides the Python projects below the root, unless the root is one itself. Python has no workspaces, so tests
 * of such a project run only in its own folder.
 */
export function hideInnerPython(tree: RepositoryTree): RepositoryTree {
  const folders = new Set<string>();
  for (const file of tree.files)
    if (pythonManifests.test(path.posix.basename(file))) folders.add(path.posix.dirname(file));
  if (folders.has('.') || folders.size === 0) return tree;
  const isInside = (file: string) => {
    for (let at = path.posix.dirname(file); at !== '.'; at = path.posix.dirname(at))
      if (folders.has(at)) return true;
    return false;
  };
  return { ...tree, files: new Set([...tree.files].filter((file) => !isInside(file))) };
}

/** Returns the files of a folder as if the folder were the root of the repository. */
export function openFolder(tree: RepositoryTree, folder: string): RepositoryTree {
  if (folder === '') return tree;
  const prefix = `${folder}/`;
  const files = [...tree.files].filter((file) => file.startsWith(prefix));
  return {
    files: new Set(files.map((file) => file.slice(prefix.length))),
    readFile: (file) => tree.readFile(`${prefix}${file}`),
  };
}
