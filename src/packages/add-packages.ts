import type { RepositoryTree } from '../environment/repository-tree.js';
import { findCommands } from '../evidence/commands/find-commands.js';
import type { Workspace } from '../workspace/workspace.js';
import {
  type Downloaded,
  describeFailure,
  describeUse,
  downloadPackages,
  type Limits,
} from './download-packages.js';
import { type InstalledPackage, PackageError } from './ecosystem.js';
import { ecosystems } from './ecosystems.js';
import { inspectPackages } from './inspect-packages.js';
import { findEcosystem, openProject, readTrees, type Trees } from './trees.js';

/** The agent's tree, and how it was set up. */
export interface AgentProject extends Limits {
  workspace: Workspace;
  baseCommit: string;
  settings: Parameters<typeof findCommands>[1];
}

export interface PackageRequest {
  /** Packages to add, such as `bytes@3.1.2`. If empty, installs what the manifests ask for. */
  packages: readonly string[];
  dev: boolean;
  /** The path of the manifest; null chooses the one at the root. */
  manifest: string | null;
}

export interface AddedPackages {
  /** The added packages by name, as they were installed. */
  installed: Record<string, InstalledPackage>;
  /** Manifests and lockfiles that were changed. */
  changedFiles: string[];
}

/**
 * Adds packages to the agent's tree. The package manager has network access, but sees only manifests,
 * lockfiles and the base's settings. The set-up commands then run in the agent's tree without network access.
 * @throws PackageError if that is not possible
 */
export async function addPackages(agent: AgentProject, request: PackageRequest): Promise<AddedPackages> {
  const { workspace, baseCommit } = agent;
  const { commit } = await workspace.checkpoint();
  workspace.markDirty();
  const trees = await readTrees(workspace, baseCommit, commit);
  const addition = request.packages.length > 0 ? checkRequest(request, trees) : null;
  const downloaded = await downloadPackages(workspace, trees, agent, addition);
  const { download, changedFiles } = downloaded;
  if (!download) throw new PackageError(noNetwork);
  try {
    const project = addition && (await openProject(trees, addition.manifest));
    const names = addition?.specs.map((one) => findEcosystem(addition.manifest)?.nameIn(one) ?? one) ?? [];
    const installed =
      addition && project ? await inspectPackages(download, project, addition.manifest, names) : {};
    for (const [path, text] of changedFiles) await writeFile(agent, path, text);
    const readFile = async (path: string) => changedFiles.get(path) ?? trees.change.readFile(path);
    await useInAgentTree(agent, downloaded, { files: trees.change.files, readFile });
    return { installed, changedFiles: [...changedFiles.keys()] };
  } finally {
    await download.dispose();
  }
}

/**
 * Installs the packages that a commit asks for in the agent's tree, which has the content of this commit.
 * @returns false if there is nothing to do, because the base commit asks for the same packages
 * @throws PackageError if that is not possible
 */
export async function installPackagesOf(agent: AgentProject, commit: string): Promise<boolean> {
  const trees = await readTrees(agent.workspace, agent.baseCommit, commit);
  if (trees.changed.size === 0) return false;
  const downloaded = await downloadPackages(agent.workspace, trees, agent);
  try {
    await useInAgentTree(agent, downloaded, trees.change);
    return true;
  } finally {
    await downloaded.download?.dispose();
  }
}

const noNetwork =
  "Packages cannot be added here: setup has no network access, because of the server's EGRESS or EGRESS_DENIED_REPOSITORIES, or the repository's `egress: none`.";

function checkRequest({ packages, dev, manifest }: PackageRequest, { change }: Trees) {
  const roots = ecosystems.flatMap(({ findRootManifest }) => findRootManifest(change.files, dev) ?? []);
  const fitting = roots.filter((one) => packages.every((text) => findEcosystem(one)?.isSpec(text)));
  const found = fitting.length === 1 ? fitting : roots;
  const [chosen = manifest, ...others] = manifest === null ? found : [manifest];
  if (chosen === null)
    throw new PackageError('The root of the repository has no manifest to which packages can be added.');
  if (others.length > 0)
    throw new PackageError(`The repository has several manifests: ${roots.join(', ')}. Choose one of them.`);
  const ecosystem = findEcosystem(chosen);
  if (!ecosystem?.manifests.test(chosen) || !change.files.has(chosen))
    throw new PackageError(`${chosen} is not a manifest to which packages can be added.`);
  const bad = packages.find((one) => !ecosystem.isSpec(one));
  if (bad !== undefined)
    throw new PackageError(
      `Expected the name of a registry package with an optional version, such as ${ecosystem.example}; found ${bad}`,
    );
  return { manifest: chosen, specs: packages, dev };
}

async function writeFile({ workspace, signal }: AgentProject, path: string, text: string): Promise<void> {
  const { exitCode, output } = await workspace.sandbox.execute({
    script: 'cat > "./$1"',
    args: [path],
    stdin: text,
    timeoutMs: 30_000,
    ...(signal && { signal }),
  });
  if (exitCode !== 0) throw new PackageError(`${path} could not be written: ${output.trim().slice(0, 300)}`);
}

/** Runs the set-up commands in the agent's tree, with the downloaded packages and without network access. */
async function useInAgentTree(
  agent: AgentProject,
  downloaded: Downloaded,
  tree: RepositoryTree,
): Promise<void> {
  const { workspace, settings, timeoutMs, signal } = agent;
  const { setup } = await findCommands(tree, settings, workspace.environment);
  const { commands, homeFolders, environment } = describeUse(downloaded, setup);
  if (downloaded.download) await workspace.takeDownload(downloaded.download, homeFolders);
  for (const script of commands) {
    const execution = await workspace.sandbox.execute({
      script,
      // The empty list gives the command the settings of the registries, and no access to them.
      egress: [],
      services: true,
      env: environment,
      timeoutMs,
      ...(signal && { signal }),
    });
    if (execution.exitCode !== 0)
      throw new PackageError(`The set-up command ${script} failed (${describeFailure(execution)}).`);
  }
}
