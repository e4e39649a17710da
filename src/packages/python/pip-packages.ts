import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Ecosystem, Project } from '../ecosystem.js';
import { folderOf } from '../paths.js';
import {
  constraints,
  hasSameRequirements,
  listIncludes,
  makeRequirementsSafe,
  manifests,
  mergeRequirements,
  namesAddress,
  readConstraints,
  readRequirements,
} from './pip-manifest.js';
import { type DownloadJob, downloadScript, inspectScript, wheelsFolder } from './pip-program.js';
import { parseRequirement } from './requirements.js';

/** pip with requirements files. */
export const pip: Ecosystem = {
  manifests,
  lockfiles: constraints,
  // The set-up of the base commit has already read the settings of pip.
  settings: /(?!)/,
  findRootManifest: (files, dev) => {
    if (hasOtherManager(files)) return null;
    const found = (names: readonly string[]) => names.find((one) => files.has(one)) ?? null;
    return (dev ? found(developmentFiles) : null) ?? found(['requirements.txt', 'requirements/base.txt']);
  },
  isSpec: (text) => text.length <= 300 && readSpec(text) !== null,
  nameIn: (text) => readSpec(text)?.name ?? text,
  example: 'requests==2.32.3',
  makeSafe: makeRequirementsSafe,
  hasSamePackages: (_, one, other) => hasSameRequirements(one, other),
  readManifest: readRequirements,
  readLockfile: (_, text) => readConstraints(text),
  openProject,
};

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

function readSpec(text: string) {
  const requirement = parseRequirement(text);
  const isPlain = requirement && requirement.marker === '' && requirement.hashes.length === 0;
  return isPlain && !/[\s#]/.test(text) ? requirement : null;
}

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
  return false;
}

async function openProject(
  base: RepositoryTree,
  change: RepositoryTree,
  path: string,
): Promise<Project | null> {
  if (hasOtherManager(change.files) || (await hasOtherSources(base))) return null;
  const includes = await readIncludes(change);
  const changed = await findChanged(base, change);
  const build = await readBuildRequirements(base, change);
  const filesOf = (more: readonly string[]) =>
    withIncluding([...changed, ...more], includes).filter((one) => manifests.test(one));
  const download = (job: Omit<DownloadJob, 'build'>) => downloadScript({ ...job, build });
  return {
    manager: 'pip',
    root: '',
    lockfile: null,
    provide,
    add: (manifest, specs) => {
      const root = '../'.repeat(folderOf(manifest).split('/').filter(Boolean).length) || '.';
      return download({ root, files: filesOf([manifest]), manifest, specs: [...specs] });
    },
    install: download({ root: '.', files: filesOf([path]), manifest: null, specs: [] }),
    inspect: inspectScript,
    environment: {
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONIOENCODING: 'utf-8',
    },
    offline: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: `/home/agent/${wheelsFolder}` },
    homeFolders: [wheelsFolder],
    mergeManifest: mergeRequirements,
    mergeLockfile: (text) => text,
  };
}

/**
 * The set-up of the base commit has created the virtual environment, unless the base commit asks for no
 * packages. Its pip must know the option `--report`.
 */
const provide = [
  '[ -x .local/bin/python ] || python3 -m venv --system-site-packages .local',
  `python -c 'import pip, sys; sys.exit([int(one) for one in pip.__version__.split(".")[:2]] < [22, 2])' || python -m pip install --quiet --only-binary :all: 'pip>=22.2'`,
];

/** Returns for each requirements file and constraints file which files it includes. */
async function readIncludes({ files, readFile }: RepositoryTree): Promise<Map<string, string[]>> {
  const includes = new Map<string, string[]>();
  for (const file of files)
    if (manifests.test(file) || constraints.test(file))
      includes.set(file, listIncludes(file, (await readFile(file)) ?? ''));
  return includes;
}

async function findChanged(base: RepositoryTree, change: RepositoryTree): Promise<string[]> {
  const changed: string[] = [];
  for (const file of change.files) {
    if (!manifests.test(file) && !constraints.test(file)) continue;
    const [before, after] = [await base.readFile(file), (await change.readFile(file)) ?? ''];
    if (before === null || !hasSameRequirements(before, after)) changed.push(file);
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
  const project = (await base.readFile('pyproject.toml')) ?? '';
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
