import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Project } from '../ecosystem.js';
import { folderOf } from '../paths.js';
import {
  constraints,
  hasSameRequirements,
  listIncludes,
  manifests,
  mergeRequirements,
  namesAddress,
} from './pip-manifest.js';
import {
  type DownloadJob,
  downloadScript,
  environment,
  inspectScript,
  offline,
  provide,
  wheelsFolder,
} from './pip-program.js';
import { chooseSection, hasSameProject, listProjectRequirements, mergeProject } from './pyproject.js';
import { parseRequirement } from './requirements.js';

const pyproject = 'pyproject.toml';

/** Returns the requirements file at the root to which packages are added; null if there is none. */
export function findRequirements(files: ReadonlySet<string>, dev: boolean): string | null {
  const found = (names: readonly string[]) => names.find((one) => files.has(one)) ?? null;
  return (dev ? found(developmentFiles) : null) ?? found(['requirements.txt', 'requirements/base.txt']);
}

const developmentFiles = [
  'requirements-dev.txt',
  'requirements_dev.txt',
  'dev-requirements.txt',
  'dev_requirements.txt',
  'requirements/dev.txt',
  'requirements-test.txt',
  'test-requirements.txt',
  'requirements/test.txt',
  'requirements/tests.txt',
];

/** The set-up then uses this package manager, and reads no requirements files. */
function hasOtherManager(files: ReadonlySet<string>): boolean {
  return files.has('uv.lock') || files.has('poetry.lock');
}

/** Returns whether the base commit names packages that pip would fetch again, which takes network access. */
async function hasOtherSources({ files, readFile }: RepositoryTree): Promise<boolean> {
  for (const file of files)
    if (
      manifests.test(file) &&
      /^(?:requirements\/)?[^/]+$/.test(file) &&
      namesAddress((await readFile(file)) ?? '')
    )
      return true;
  const project = listProjectRequirements((await readFile(pyproject)) ?? '') ?? [];
  return project.some((one) => one.includes('@'));
}

/**
 * Opens the project of pip, which is the whole repository.
 * @returns null if pip cannot be used on a change
 */
export async function openPipProject(
  base: RepositoryTree,
  change: RepositoryTree,
  path: string,
): Promise<Project | null> {
  if (hasOtherManager(change.files) || (await hasOtherSources(base))) return null;
  const text = (await change.readFile(pyproject)) ?? '';
  const project = listProjectRequirements(text);
  if (path.endsWith(pyproject) && (path !== pyproject || !project)) return null;
  const includes = await readIncludes(change);
  const changed = await findChanged(base, change);
  const build = await readBuildRequirements(base, change);
  const filesOf = (more: readonly string[]) =>
    withIncluding([...changed, ...more], includes).filter((one) => !constraints.test(one));
  const download = (job: DownloadJob) => downloadScript({ ...job, build, project: project ?? [] });
  return {
    manager: 'pip',
    root: '',
    lockfile: null,
    provide,
    add: (manifest, specs, dev) => {
      const root = '../'.repeat(folderOf(manifest).split('/').filter(Boolean).length) || '.';
      const section = manifest === pyproject ? chooseSection(text, dev) : null;
      return download({ root, files: filesOf([manifest]), manifest, section, specs: [...specs] });
    },
    install: download({ root: '.', files: filesOf([path]), manifest: null, specs: [] }),
    inspect: inspectScript,
    environment,
    offline,
    homeFolders: [wheelsFolder],
    mergeManifest: (before, written, file) =>
      file === pyproject ? mergeProject(before, written) : mergeRequirements(before, written),
    mergeLockfile: (text) => text,
  };
}

/** Returns for each requirements file and constraints file which files it includes. */
async function readIncludes({ files, readFile }: RepositoryTree): Promise<Map<string, string[]>> {
  const includes = new Map<string, string[]>();
  for (const file of files)
    if (manifests.test(file) || constraints.test(file))
      includes.set(file, listIncludes(file, (await readFile(file)) ?? ''));
  if (files.has(pyproject)) includes.set(pyproject, []);
  return includes;
}

async function findChanged(base: RepositoryTree, change: RepositoryTree): Promise<string[]> {
  const changed: string[] = [];
  for (const file of change.files) {
    if (!manifests.test(file) && !constraints.test(file) && file !== pyproject) continue;
    const [before, after] = [await base.readFile(file), (await change.readFile(file)) ?? ''];
    const isSame = file === pyproject ? hasSameProject : hasSameRequirements;
    if (before === null || !isSame(before, after)) changed.push(file);
  }
  return changed;
}

/** Adds the files that include one of the files, because their packages can change too. */
function withIncluding(files: readonly string[], includes: ReadonlyMap<string, string[]>): string[] {
  const found = new Set(files.filter((file) => includes.has(file)));
  for (let size = -1; size < found.size; ) {
    size = found.size;
    for (const [file, included] of includes) if (included.some((one) => found.has(one))) found.add(file);
  }
  return [...found].sort();
}

/**
 * Reads what the build of the repository's own package needs. pip installs it into an environment of its own
 * for each build. Reads the base commit only, because the agent has not checked it.
 */
async function readBuildRequirements(base: RepositoryTree, change: RepositoryTree): Promise<string[]> {
  const project = (await base.readFile(pyproject)) ?? '';
  if (!change.files.has('setup.py') && project === '') return [];
  const section = /^\[build-system\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(project)?.[1] ?? '';
  const list = /^requires\s*=\s*\[([\s\S]*?)\]\s*(?:#.*)?$/m.exec(section)?.[1];
  const named = [...(list ?? '"setuptools>=40.8.0"').matchAll(/"([^"]*)"|'([^']*)'/g)];
  const requirements = named.flatMap(([, one, other]) => {
    const text = (one ?? other ?? '').trim();
    return parseRequirement(text) ? [text] : [];
  });
  // Backends ask for these when they build a wheel.
  return [...requirements, 'wheel', ...(/hatchling/.test(list ?? '') ? ['editables'] : [])];
}
