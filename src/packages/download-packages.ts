import type { Execution } from '../sandbox/sandbox.js';
import type { Download, Workspace } from '../workspace/workspace.js';
import { PackageError, type Project } from './ecosystem.js';
import { folderOf } from './paths.js';
import { collectFiles, findChangedProjects, openProject, type Trees } from './trees.js';

export interface Limits {
  /** The time limit of each command, in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Packages to add to a manifest, as the package manager takes them. */
export interface Addition {
  manifest: string;
  specs: readonly string[];
  dev: boolean;
}

/** The packages that a change asks for, downloaded without running any of their code. */
export interface Downloaded {
  /** Null if the set-up has no network access. */
  download: Download | null;
  projects: Project[];
  /** Manifests and lockfiles that the package managers changed, by path. */
  changedFiles: Map<string, string>;
}

/**
 * Downloads the packages of all projects whose packages the change changes. If a lockfile does not fit its
 * manifest, it is updated.
 * @param addition packages to add in the same go
 * @throws PackageError if that is not possible
 */
export async function downloadPackages(
  workspace: Pick<Workspace, 'openDownload'>,
  trees: Trees,
  limits: Limits,
  addition: Addition | null = null,
): Promise<Downloaded> {
  const files = await collectFiles(trees);
  const projects = await findChangedProjects(trees);
  const target = addition && (await openProject(trees, addition.manifest));
  if (addition && !target)
    throw new PackageError(
      `Packages cannot be added to ${addition.manifest}, because the set-up uses a lockfile or packages from other places than the registry.`,
    );
  const isTarget = (one: Project) => one.manager === target?.manager && one.root === target.root;
  if (target && !projects.some(isTarget)) projects.push(target);
  const download = await workspace.openDownload(files);
  const changedFiles = new Map<string, string>();
  if (!download) return { download, projects, changedFiles };
  try {
    for (const project of projects)
      await install(download, project, isTarget(project) ? addition : null, limits);
    for (const project of projects)
      await collectChanges(download, project, isTarget(project) ? addition : null, trees, changedFiles);
  } catch (error) {
    await download.dispose();
    throw error;
  }
  return { download, projects, changedFiles };
}

/** Returns what a set-up with these commands needs to use the packages. */
export function describeUse({ download, projects }: Downloaded, setup: readonly string[]) {
  return {
    commands: [...new Set(download ? projects.flatMap(({ prepare }) => prepare ?? []) : []), ...setup],
    homeFolders: [...new Set(projects.flatMap(({ homeFolders }) => homeFolders))],
    environment: Object.assign({}, ...projects.map(({ offline }) => offline)) as Record<string, string>,
  };
}

async function install(
  download: Download,
  project: Project,
  addition: Addition | null,
  limits: Limits,
): Promise<void> {
  const { script, args } = addition
    ? project.add(addition.manifest, addition.specs, addition.dev)
    : project.install;
  const cwd = (addition ? folderOf(addition.manifest) : project.root) || '.';
  const lines = [
    // A package manager is installed outside of the folder, whose settings are for other packages.
    ...project.provide.map((one) => `(cd "$HOME" && { ${one}; }) || exit`),
    `printf %s "$npm_config_registry" > "$HOME/${registryFile}"`,
    script,
  ];
  const command = { script: lines.join('\n'), args, cwd, env: project.environment };
  const execution = await download.run({ ...command, ...limits });
  if (execution.exitCode !== 0)
    throw new PackageError(`${describeProject(project)} failed (${describeFailure(execution)}).`);
}

/** A file in the home folder of a download with the URL of this machine's registry for Node packages. */
const registryFile = '.pullwright-registry';

async function collectChanges(
  download: Download,
  project: Project,
  addition: Addition | null,
  { change }: Trees,
  changedFiles: Map<string, string>,
): Promise<void> {
  const merge = async (path: string, how: (text: string, written: string) => Promise<string> | string) => {
    const [text, written] = [await change.readFile(path), await readFile(download, path)];
    const merged = written === null ? text : await how(text ?? '', written);
    if (merged !== null && merged !== text) changedFiles.set(path, merged);
  };
  if (addition)
    await merge(addition.manifest, (text, written) =>
      project.mergeManifest(text, written, addition.manifest),
    );
  for (const path of [project.lockfile, ...(project.updates ?? [])])
    if (path !== null)
      await merge(path, async (text, written) =>
        project.mergeLockfile(text, written, (await readFile(download, `/home/agent/${registryFile}`)) ?? ''),
      );
}

const maxFileBytes = 16 * 1024 * 1024;
const readTimeoutMs = 30_000;

/** Reads a file that a package manager wrote. @returns null if there is none */
async function readFile({ sandbox }: Download, path: string): Promise<string | null> {
  const { exitCode, stdout } = await sandbox.execute({
    script: '[ -f "$1" ] && [ ! -L "$1" ] && cat -- "$1"',
    args: [path],
    timeoutMs: readTimeoutMs,
    maxOutputBytes: maxFileBytes,
  });
  return exitCode === 0 ? stdout : null;
}

const maxReason = 300;
/** Matches the options of a command, which Composer prints after a message. */
const usage = /^\w+ \[-/;

/** Describes how a command of a package manager failed, in a few words. */
export function describeFailure(
  execution: Pick<Execution, 'ended' | 'exitCode' | 'output' | 'refusedHosts'>,
): string {
  const { ended, exitCode, output, refusedHosts } = execution;
  const end = ended === 'exited' ? `exit code ${exitCode}` : ended.replace('-', ' ');
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !usage.test(line));
  const errors = lines.filter((line) => /\berr(?:or|!)/i.test(line) || /\bERR_|\bE[A-Z]{4,}\b/.test(line));
  const said = (errors.length > 0 ? errors : lines.slice(-5)).join(' ').slice(0, maxReason).toWellFormed();
  const refused = refusedHosts.length > 0 ? `; refused hosts: ${refusedHosts.join(', ')}` : '';
  return `${end}${said && `: ${said}`}${refused}`;
}

function describeProject({ manager, root }: Project): string {
  return root === '' ? manager : `${manager} in ${root}`;
}
