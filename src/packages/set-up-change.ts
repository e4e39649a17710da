import { findCommands } from '../evidence/commands/find-commands.js';
import type { Package, Packages } from '../evidence/evidence.js';
import type { SetupCopy, SetupExecution, Workspace } from '../workspace/workspace.js';
import { comparePackages, type DirectChange } from './compare-packages.js';
import {
  type Downloaded,
  describeFailure,
  describeUse,
  downloadPackages,
  type Limits,
} from './download-packages.js';
import { PackageError } from './ecosystem.js';
import { inspectPackages } from './inspect-packages.js';
import { findEcosystem, openProject, readTrees, type Trees } from './trees.js';
import { describeUnsupported } from './unsupported.js';

/** A set-up with the packages of a change, for its measurements. */
export interface ChangedSetup {
  packages: Packages;
  /** Whether the packages could not be installed, so that nothing can be measured. */
  isFailed: boolean;
  /** The tree with the change's content; null if the change is measured with the base's packages. */
  after: SetupCopy | null;
  /**
   * Sets up the base's content with the packages that the change adds. The first call does the work.
   * @returns the tree, with the manifests and lockfiles that name the packages. Null if tests on the base
   * code must use the packages of the base.
   */
  onBase(): Promise<BaseSetup | null>;
  dispose(): Promise<void>;
}

interface BaseSetup {
  setUp: SetupCopy;
  files: ReadonlyMap<string, string>;
}

interface Options extends Limits {
  baseCommit: string;
  /** The commit with the change. */
  commit: string;
  settings: Parameters<typeof findCommands>[1];
}

/**
 * Sets up the project with the packages that a change asks for. First downloads them without the rest of the
 * change. Then runs the set-up commands on the change, without network access.
 * @returns null if the change asks for the same packages as the base commit
 */
export async function setUpChange(workspace: Workspace, options: Options): Promise<ChangedSetup | null> {
  const { baseCommit, commit, settings } = options;
  const trees = await readTrees(workspace, baseCommit, commit);
  const notes = await describeUnsupported(await workspace.readChanges(commit), trees);
  if (trees.changed.size === 0 && notes.length === 0) return null;
  const { direct, indirect } = await comparePackages(trees);
  const packages: Packages = {
    managers: [],
    direct: direct.map((one) => ({ ...one, license: null, bytes: null, installScripts: null })),
    indirect,
    faults: [],
    notes,
  };
  const withoutSetup = { packages, after: null, onBase: async () => null, dispose: async () => {} };
  if (trees.changed.size === 0) return { ...withoutSetup, isFailed: false };
  const downloaded = await downloadPackages(workspace, trees, options).catch((error: unknown) => {
    if (!(error instanceof PackageError)) throw error;
    packages.faults.push(`The packages of this change could not be downloaded: ${error.message}`);
    return null;
  });
  if (!downloaded) return { ...withoutSetup, isFailed: true };

  const { download, projects, changedFiles: updated } = downloaded;
  packages.managers = [...new Set(projects.map(({ manager }) => manager))];
  packages.direct = await describePackages(downloaded, direct, trees);
  packages.faults.push(...[...updated.keys()].map(describeMisfit));
  if (!download) packages.notes.push(noNetwork);
  const { setup } = await findCommands(trees.change, settings, workspace.environment);
  const use = { download, ...describeUse(downloaded, setup) };
  const after = await workspace.setUpAgain({ ...use, commit, files: updated });
  const failedBefore = new Set(workspace.setupResult.executions.filter(isFailed).map(({ script }) => script));
  const failed = after.result.executions.find((one) => isFailed(one) && !failedBefore.has(one.script));
  if (failed)
    packages.faults.push(
      `The packages of this change could not be installed: ${failed.script} failed (${describeFailure(failed)}).`,
    );

  let onBase: Promise<BaseSetup | null> | null = null;
  const setUpBase = async (): Promise<BaseSetup | null> => {
    // With another version of a package, a test of the change could pass on the base code.
    if (failed || direct.length === 0 || direct.some(({ from }) => from !== null)) return null;
    const files = await addToBase(trees, updated);
    const setUp = files && (await workspace.setUpAgain({ ...use, commit: baseCommit, files }));
    const isUsable = setUp?.result.executions.every((one) => !isFailed(one) || failedBefore.has(one.script));
    return files && setUp && isUsable ? { setUp, files } : null;
  };
  return {
    packages,
    isFailed: failed !== undefined,
    after: failed ? null : after,
    onBase: () => (onBase ??= setUpBase()),
    dispose: async () => {
      await Promise.all([
        after.dispose(),
        download?.dispose(),
        onBase?.then((base) => base?.setUp.dispose()),
      ]);
    },
  };
}

/** Describes a file that the package manager had to change. */
function describeMisfit(path: string): string {
  return findEcosystem(path)?.lockfiles.test(path)
    ? `${path} does not fit its manifest.`
    : `${path} lacks packages that others need.`;
}

function isFailed({ exitCode, replacedFor }: SetupExecution): boolean {
  return exitCode !== 0 && !replacedFor;
}

const noNetwork =
  'Setup has no network access here, so the packages of this change come from what the base commit installed.';

/** Reads what was installed for the packages that the change adds or updates. */
async function describePackages(
  { download, projects }: Downloaded,
  direct: readonly DirectChange[],
  trees: Trees,
): Promise<Package[]> {
  const found = new Map<string, Awaited<ReturnType<typeof inspectPackages>>>();
  for (const manifest of new Set(direct.map((one) => one.manifest))) {
    const opened = await openProject(trees, manifest);
    const project = projects.find(({ root, manager }) => root === opened?.root && manager === opened.manager);
    const names = direct
      .filter((one) => one.manifest === manifest && one.to !== null)
      .map(({ name }) => name);
    if (download && project) found.set(manifest, await inspectPackages(download, project, manifest, names));
  }
  return direct.map((one) => {
    const { version = one.to, ...installed } = found.get(one.manifest)?.[one.name] ?? notInstalled;
    return { ...one, to: one.to === null ? null : version, ...installed };
  });
}

const notInstalled = { version: undefined, license: null, bytes: null, installScripts: null };

/**
 * Returns the manifests and lockfiles of the base, with the packages that the change adds.
 * @returns null if a manifest of the base cannot be edited
 */
async function addToBase(
  trees: Trees,
  updated: ReadonlyMap<string, string>,
): Promise<Map<string, string> | null> {
  const { base, change, changed } = trees;
  const files = new Map<string, string>();
  for (const path of changed) {
    const text = updated.get(path) ?? (await change.readFile(path));
    const ecosystem = findEcosystem(path);
    const before = await base.readFile(path);
    if (text === null || !ecosystem) continue;
    const isManifest = ecosystem.manifests.test(path);
    if (isManifest && before === null && ecosystem.listSources) continue;
    const project = isManifest ? await openProject(trees, path) : null;
    try {
      files.set(path, project && before !== null ? project.mergeManifest(before, text, path) : text);
    } catch (error) {
      if (error instanceof PackageError) return null;
      throw error;
    }
  }
  return files;
}
