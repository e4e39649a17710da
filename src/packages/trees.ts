import type { RepositoryTree } from '../environment/repository-tree.js';
import type { Workspace } from '../workspace/workspace.js';
import type { Ecosystem, Project } from './ecosystem.js';
import { ecosystems } from './ecosystems.js';
import { folderOf, foldersAbove } from './paths.js';

/** The base commit and a change of it. */
export interface Trees {
  base: RepositoryTree;
  change: RepositoryTree;
  /** The manifests and lockfiles that ask for other packages in the change. */
  changed: ReadonlySet<string>;
  /** Other manifests and lockfiles that the change edits. */
  edited: ReadonlySet<string>;
}

type Reader = Pick<Workspace, 'listFiles' | 'readFile' | 'readChanges'>;

/** @param commit the base commit or a checkpoint on top of it */
export async function readTrees(workspace: Reader, baseCommit: string, commit: string): Promise<Trees> {
  const [base, change] = await Promise.all([openTree(workspace, baseCommit), openTree(workspace, commit)]);
  const [changed, edited] = [new Set<string>(), new Set<string>()];
  const changes = commit === baseCommit ? [] : await workspace.readChanges(commit);
  for (const path of changes.flatMap((one) => (one.from ? [one.from, one.path] : [one.path])))
    if (await hasSamePackages(path, base, change)) edited.add(path);
    else if (await openProject({ base, change }, path)) changed.add(path);
  return { base, change, changed, edited };
}

async function openTree(workspace: Reader, commit: string): Promise<RepositoryTree> {
  const files = new Set(await workspace.listFiles(commit));
  const known = new Map<string, Promise<string | null>>();
  return {
    files,
    readFile: (file) => {
      if (!files.has(file)) return Promise.resolve(null);
      const text = known.get(file) ?? workspace.readFile(commit, file);
      known.set(file, text);
      return text;
    },
  };
}

async function hasSamePackages(path: string, base: RepositoryTree, change: RepositoryTree) {
  const ecosystem = findEcosystem(path);
  if (!ecosystem) return false;
  const [before, after] = await Promise.all([base.readFile(path), change.readFile(path)]);
  if (before === null || after === null) return before === after;
  return before === after || ecosystem.hasSamePackages(path, before, after);
}

/** Matches files that are data of tests, or that a package manager wrote. */
const notOurs = /(?:^|\/)(?:node_modules|_{0,2}fixtures?_{0,2}|testdata|vendor)\//i;

/** Finds the ecosystem of a manifest or lockfile; null for any other file. */
export function findEcosystem(path: string): Ecosystem | null {
  if (notOurs.test(path)) return null;
  return ecosystems.find(({ manifests, lockfiles }) => manifests.test(path) || lockfiles.test(path)) ?? null;
}

/**
 * Finds the project to which a manifest or lockfile belongs.
 * @returns null if there is none, or if its package manager is not supported
 */
export async function openProject(
  { base, change }: Pick<Trees, 'base' | 'change'>,
  path: string,
): Promise<Project | null> {
  return (await findEcosystem(path)?.openProject(base, change, path)) ?? null;
}

/** Finds the projects whose packages the change changes. */
export async function findChangedProjects(trees: Trees): Promise<Project[]> {
  const projects = new Map<string, Project>();
  for (const path of trees.changed) {
    const project = await openProject(trees, path);
    if (project) projects.set(`${project.manager} ${project.root}`, project);
  }
  return [...projects.values()];
}

/**
 * Collects the files that a package manager with network access may read: manifests and lockfiles of the
 * change, and the settings of the base commit.
 * @throws PackageError if a file asks for a package from another place than the registry
 */
export async function collectFiles({ base, change, changed, edited }: Trees): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const folders = new Set([...change.files].flatMap((path) => foldersAbove(folderOf(path))));
  for (const path of change.files) {
    const ecosystem = findEcosystem(path);
    if (!ecosystem) continue;
    const before = await base.readFile(path);
    const isOfChange = changed.has(path) || edited.has(path) || before === null;
    const text = isOfChange ? await change.readFile(path) : before;
    const safe = text === null || text === before ? text : ecosystem.makeSafe(path, text, before);
    if (safe === null) continue;
    files.set(path, safe);
    for (const source of ecosystem.listSources?.(path, safe) ?? [])
      if (!folders.has(source)) files.set(source, '');
  }
  for (const path of base.files)
    if (ecosystems.some(({ settings }) => settings.test(path))) {
      const text = await base.readFile(path);
      if (text !== null) files.set(path, text);
    }
  return files;
}
