import type { RepositoryTree } from '../../environment/repository-tree.js';
import { findPackageManager, PackageManagerFields } from '../../evidence/runners/node/package-manager.js';
import type { Ecosystem, Project } from '../ecosystem.js';
import { folderOf, foldersAbove, inFolder } from '../paths.js';
import { commandsOf, inspectScript, type NodeCommands } from './node-commands.js';
import { checkLockfile, readNodeLockfile } from './node-lockfiles.js';
import {
  hasSameRequirements,
  makeManifestSafe,
  mergeSections,
  parseManifest,
  readRequirements,
} from './node-manifest.js';

const lockfileNames = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml'];
const spec = /^((?:@[a-z0-9-][\w.~-]*\/)?[a-z0-9][\w.~-]*)(?:@([\w.^~<>=|*+][\w.^~<>=|*+ -]*))?$/i;

/** npm, Yarn and pnpm. */
export const node: Ecosystem = {
  manifests: /(?:^|\/)package\.json$/,
  lockfiles: /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/,
  settings:
    /(?:^|\/)(?:\.npmrc|\.yarnrc|\.yarnrc\.yml|pnpm-workspace\.yaml|\.pnpmfile\.[cm]?js|patches\/[^/]+\.patch|\.yarn\/(?:releases|plugins|patches)\/.+)$/,
  findRootManifest: (files) => (files.has('package.json') ? 'package.json' : null),
  isSpec: (text) => text.length <= 300 && spec.test(text),
  nameIn: (text) => spec.exec(text)?.[1] ?? text,
  example: 'bytes@3.1.2',
  makeSafe: (path, text, baseText) => {
    if (path.endsWith('package.json')) return makeManifestSafe(path, text, baseText);
    checkLockfile(path, text, baseText);
    return text;
  },
  hasSamePackages: (path, one, other) => path.endsWith('package.json') && hasSameRequirements(one, other),
  readManifest: (_, text) => readRequirements(text),
  readLockfile: readNodeLockfile,
  openProject,
};

async function openProject(
  base: RepositoryTree,
  change: RepositoryTree,
  path: string,
): Promise<Project | null> {
  const root = await findRoot(change, folderOf(path));
  const tree = scope(base.files.has(inFolder(root, 'package.json')) ? base : change, root);
  const manifest = parseManifest((await scope(base, root).readFile('package.json')) ?? '');
  const fields = PackageManagerFields.parse(manifest ?? {});
  const { name, provide, isModernYarn } = await findPackageManager(tree, fields);
  // The lockfile of Bun can be binary, so it cannot be checked.
  if (name === 'bun') return null;
  const commands = commandsOf(name, isModernYarn);
  const lockfile =
    lockfileNames.map((one) => inFolder(root, one)).find((one) => change.files.has(one)) ?? null;
  const isMany = await hasWorkspaces(change, root);
  return {
    manager: name,
    root,
    lockfile,
    provide,
    add: (to, specs, dev) =>
      commands.add(specs, {
        dev,
        lockfile: lockfile !== null,
        isWorkspaceRoot: isMany && folderOf(to) === root,
      }),
    install: { script: commands.install(lockfile !== null), args: [] },
    inspect: (names) => ({ script: inspectScript, args: [...names] }),
    environment: commands.environment,
    offline: commands.offline,
    homeFolders: commands.homeFolders,
    mergeManifest: mergeSections,
    mergeLockfile: (before, written, registry) => restoreRegistry(before, written, registry, commands),
  };
}

/** Finds the folder with the lockfile; without one, the folder whose package.json lists the others. */
async function findRoot(tree: RepositoryTree, folder: string): Promise<string> {
  const above = foldersAbove(folder);
  const locked = above.find((one) => lockfileNames.some((name) => tree.files.has(inFolder(one, name))));
  if (locked !== undefined) return locked;
  for (const one of above) if (one !== folder && (await hasWorkspaces(tree, one))) return one;
  return folder;
}

async function hasWorkspaces(tree: RepositoryTree, folder: string): Promise<boolean> {
  if (tree.files.has(inFolder(folder, 'pnpm-workspace.yaml'))) return true;
  const text = await tree.readFile(inFolder(folder, 'package.json'));
  return text !== null && parseManifest(text)?.workspaces !== undefined;
}

/** Returns the part of a tree below a folder. */
function scope({ files, readFile }: RepositoryTree, folder: string): RepositoryTree {
  if (folder === '') return { files, readFile };
  const prefix = `${folder}/`;
  const inside = [...files]
    .filter((file) => file.startsWith(prefix))
    .map((file) => file.slice(prefix.length));
  return { files: new Set(inside), readFile: (file) => readFile(prefix + file) };
}

/**
 * Replaces the URL of this machine's registry. A package that the lockfile already named keeps its URL. A new
 * one gets the registry that the lockfile names for others.
 */
function restoreRegistry(
  before: string,
  written: string,
  registry: string,
  { publicRegistry }: NodeCommands,
): string {
  const known = new Map<string, string>();
  for (const [url, , file = ''] of before.matchAll(packageUrl)) known.set(file, url);
  const [, usual = publicRegistry] = packageUrl.exec(before) ?? [];
  packageUrl.lastIndex = 0;
  const local = registry.replace(/\/?$/, '/');
  return written.replace(packageUrl, (url, origin: string, file: string) => {
    const earlier = known.get(file);
    if (earlier) return earlier;
    return origin === local ? usual + file : url;
  });
}

/** Matches the URL of a package. The groups are the registry and the path in it. */
const packageUrl =
  /(https?:\/\/[^\s"',]{1,300}?\/)((?:@[^\s"'/]{1,200}(?:\/|%2f))?[^\s"'/]{1,200}\/-\/[^\s"',)}]{1,300})/g;
