import path from 'node:path';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Ecosystem, Project } from '../ecosystem.js';
import { folderOf, foldersAbove, inFolder } from '../paths.js';
import { openLockedProject } from './locked-project.js';
import { checkPythonLockfile, lockfiles, readPythonLockfile } from './lockfiles.js';
import {
  constraints,
  hasSameRequirements,
  makeRequirementsSafe,
  readConstraints,
  readRequirements,
  manifests as requirements,
} from './pip-manifest.js';
import { findRequirements, openPipProject } from './pip-packages.js';
import { hasSameProject, makePyprojectSafe, readProject } from './pyproject.js';
import { parseRequirement } from './requirements.js';

const isProject = (file: string) => file.endsWith('pyproject.toml');
/** In the order in which the set-up prefers them. */
const tools = ['uv', 'poetry'] as const;

/** pip, Poetry and uv. */
export const python: Ecosystem = {
  manifests: new RegExp(`(?:^|/)pyproject\\.toml$|${requirements.source}`, 'i'),
  lockfiles: new RegExp(`${lockfiles.source}|${constraints.source}`, 'i'),
  // The set-up of the base commit has already read the settings of pip.
  settings: /(?:^|\/)(?:poetry|uv)\.toml$/,
  findRootManifest: (files, dev) => {
    const project = files.has('pyproject.toml') ? 'pyproject.toml' : null;
    if (tools.some((one) => files.has(`${one}.lock`))) return project;
    return findRequirements(files, dev) ?? project;
  },
  isSpec: (text) => text.length <= 300 && readSpec(text) !== null,
  nameIn: (text) => readSpec(text)?.name ?? text,
  example: 'requests==2.32.3',
  makeSafe: (file, text, baseText) => {
    if (isProject(file)) return makePyprojectSafe(file, text, baseText);
    if (!lockfiles.test(file)) return makeRequirementsSafe(file, text, baseText);
    checkPythonLockfile(file, text, baseText);
    return text;
  },
  hasSamePackages: (file, one, other) => {
    if (lockfiles.test(file)) return one === other;
    return isProject(file) ? hasSameProject(one, other) : hasSameRequirements(one, other);
  },
  readManifest: (file, text) => (isProject(file) ? readProject(text) : readRequirements(file, text)),
  readLockfile: (file, text) => (lockfiles.test(file) ? readPythonLockfile(text) : readConstraints(text)),
  openProject,
};

function readSpec(text: string) {
  const requirement = parseRequirement(text);
  const isPlain = requirement && requirement.marker === '' && requirement.hashes.length === 0;
  return isPlain && !/[\s#]/.test(text) ? requirement : null;
}

async function openProject(
  base: RepositoryTree,
  change: RepositoryTree,
  file: string,
): Promise<Project | null> {
  if (!isProject(file) && !lockfiles.test(file)) return openPipProject(base, change, file);
  const folder = folderOf(file);
  const found = foldersAbove(folder).flatMap((root) =>
    tools.flatMap((tool) => (change.files.has(inFolder(root, `${tool}.lock`)) ? [{ root, tool }] : [])),
  );
  const [project] = found;
  if (!project) return isProject(file) ? openPipProject(base, change, file) : null;
  // Only uv has workspaces, in which folders share a lockfile.
  const isOther = isProject(file)
    ? project.tool === 'poetry' && project.root !== folder
    : path.posix.basename(file) !== `${project.tool}.lock`;
  return isOther ? null : openLockedProject(base, project.tool, project.root);
}
