import { readFileSync } from 'node:fs';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import { type Ecosystem, PackageError, type Project } from '../ecosystem.js';
import { folderOf, foldersAbove, inFolder } from '../paths.js';
import {
  hasSameGems,
  isGemspec,
  makeGemfileSafe,
  makeLockfileSafe,
  mergeGemspec,
  readGemLockfile,
  readGems,
} from './gemfile.js';

const version = '(?:(?:~>|[<>]=?|!?=) ?)?\\d[\\w.]*';
const spec = new RegExp(`^([a-z0-9][\\w.-]*)(?::(${version}(?:, ?${version})*))?$`, 'i');

export const bundler: Ecosystem = {
  manifests: /(?:^|\/)(?:Gemfile|[\w.-]+\.gemspec)$/,
  lockfiles: /(?:^|\/)Gemfile\.lock$/,
  // A Gemfile can include other files, and a gemspec often reads the version and the README.
  settings:
    /(?:^|\/)(?:[\w.-]+\.gemfile|Gemfile\.(?!lock$)[\w.-]+|\.ruby-version|\.tool-versions|README[\w.]*|[\w.-]*version(?:\.rb)?)$/i,
  findRootManifest: (files) => (files.has('Gemfile') ? 'Gemfile' : null),
  isSpec: (text) => text.length <= 300 && spec.test(text),
  nameIn: (text) => spec.exec(text)?.[1] ?? text,
  example: 'rack:~>3.0',
  makeSafe: (path, text, baseText) => {
    if (isGemspec(path)) return baseText && mergeGemspec(baseText, text);
    const makeSafe = path.endsWith('.lock') ? makeLockfileSafe : makeGemfileSafe;
    return makeSafe(path, text, baseText);
  },
  hasSamePackages: (path, one, other) => !path.endsWith('.lock') && hasSameGems(path, one, other),
  readManifest: (_, text) => readGems(text),
  readLockfile: (_, text) => readGemLockfile(text),
  openProject,
};

/** The folder of the home folder that contains the downloaded gems. */
const gemsFolder = '.pullwright-gems';

async function openProject(
  base: RepositoryTree,
  change: RepositoryTree,
  path: string,
): Promise<Project | null> {
  const folders = isGemspec(path) ? foldersAbove(folderOf(path)) : [folderOf(path)];
  const root = folders.find((folder) => base.files.has(inFolder(folder, 'Gemfile')));
  if (root === undefined) return null;
  const lockfile = inFolder(root, 'Gemfile.lock');
  return {
    manager: 'Bundler',
    root,
    lockfile: change.files.has(lockfile) ? lockfile : null,
    provide: [],
    add: (manifest, specs, dev) => {
      if (isGemspec(manifest))
        throw new PackageError(`Add the gems to ${manifest}, then call the tool without packages.`);
      return { script: addScript, args: [dev ? '--group=development,test' : '', ...specs] };
    },
    install: { script: installScript, args: [] },
    inspect: (names) => ({ script: inspectScript, args: [...names] }),
    environment: { BUNDLE_FROZEN: 'false', BUNDLE_DEPLOYMENT: 'false', BUNDLE_SILENCE_ROOT_WARNING: 'true' },
    offline: { BUNDLE_MIRROR__ALL: `file:///home/agent/${gemsFolder}` },
    homeFolders: [gemsFolder],
    mergeManifest: (text, written, manifest) => (isGemspec(manifest) ? mergeGemspec(text, written) : written),
    mergeLockfile: (_, written) => written,
  };
}

/** @param args words of a shell command */
function run(program: string, args: string): string {
  return `ruby - ${args} <<'END'\n${readFileSync(new URL(`./${program}`, import.meta.url), 'utf8')}END`;
}

const installScript = `bundle lock && ${run('download.rb', gemsFolder)}`;
const inspectScript = run('inspect.rb', `${gemsFolder} "$@"`);

const addScript = `group=$1; shift
for spec; do
  name=\${spec%%:*}; version=\${spec#"$name"}
  bundle add "$name" --skip-install \${version:+"--version=\${version#:}"} $group || exit
done
${installScript}`;
