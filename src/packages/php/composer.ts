import { readFileSync } from 'node:fs';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Ecosystem, Project } from '../ecosystem.js';
import { folderOf, inFolder } from '../paths.js';
import {
  hasSameRequirements,
  listChangedEntries,
  listChangedNames,
  listPins,
  makeLockfileSafe,
  makeManifestSafe,
  mergeLockfile,
  mergeManifest,
  readLockfile,
  readRequirements,
} from './composer-files.js';

const spec = /^([a-z0-9][\w.-]*\/[a-z0-9][\w.-]*)(?::[\w.*^~<>=!|,@ -]+)?$/i;

export const composer: Ecosystem = {
  manifests: /(?:^|\/)composer\.json$/,
  lockfiles: /(?:^|\/)composer\.lock$/,
  // All settings are in composer.json.
  settings: /(?!)/,
  findRootManifest: (files) => (files.has('composer.json') ? 'composer.json' : null),
  isSpec: (text) => text.length <= 300 && spec.test(text),
  nameIn: (text) => (spec.exec(text)?.[1] ?? text).toLowerCase(),
  example: 'monolog/monolog:^3.0',
  makeSafe: (path, text, baseText) => {
    const makeSafe = path.endsWith('.lock') ? makeLockfileSafe : makeManifestSafe;
    return makeSafe(path, text, baseText);
  },
  hasSamePackages: (path, one, other) => path.endsWith('.json') && hasSameRequirements(one, other),
  readManifest: (_, text) => readRequirements(text),
  readLockfile: (_, text) => readLockfile(text),
  openProject,
};

/** Folders of the home folder in which Composer keeps what it has downloaded. */
const caches = ['.composer', '.cache/composer'];
/** The folder of the home folder with the lockfiles of projects whose repository contains none. */
const lockfilesFolder = '.pullwright-composer';

async function openProject(
  base: RepositoryTree,
  change: RepositoryTree,
  path: string,
): Promise<Project | null> {
  const root = folderOf(path);
  const [manifest, file] = [inFolder(root, 'composer.json'), inFolder(root, 'composer.lock')];
  if (!change.files.has(manifest)) return null;
  const read = async (tree: RepositoryTree, one: string) => (await tree.readFile(one)) ?? '';
  const lockfile = change.files.has(file) ? file : null;
  const names = new Set([
    ...listChangedNames(await read(base, manifest), await read(change, manifest)),
    ...listChangedEntries(await read(change, file), await read(base, file)),
  ]);
  const kept = `"$HOME"/${quote(`${lockfilesFolder}/${file}`)}`;
  const keep = lockfile === null ? `mkdir -p "$(dirname ${kept})" && cp composer.lock ${kept}` : ':';
  const update =
    lockfile !== null && names.size > 0
      ? updateScript([...names], listPins(await read(change, file), names))
      : `composer install ${options}`;
  return {
    manager: 'Composer',
    root,
    lockfile,
    provide: [],
    add: (_, specs, dev) => {
      const require = `composer require ${options} ${dev ? '--dev ' : ''}`;
      const script = `{ ${update}; } && { ${require} "$@" || ${require} --with-dependencies "$@"; } && ${keep}`;
      return { script, args: [...specs] };
    },
    install: { script: `{ ${update}; } && ${keep}`, args: [] },
    inspect: (names) => ({ script: inspectScript, args: [...names] }),
    // Composer breaks messages at the width of the terminal.
    environment: { COMPOSER_NO_AUDIT: '1', COLUMNS: '300' },
    offline: { COMPOSER_DISABLE_NETWORK: '1', COMPOSER_NO_AUDIT: '1' },
    homeFolders: [...caches, lockfilesFolder],
    prepare: lockfile === null ? `cp ${kept} ${quote(file)}` : undefined,
    mergeManifest,
    mergeLockfile: (text, written) => mergeLockfile(file, text, written),
  };
}

/** Packages are not built, so only scripts of composer.json and plugins could run code. */
const options = '--no-interaction --no-progress --no-scripts --no-plugins --prefer-dist';

/**
 * Locks packages, in the versions of the change's lockfile if these fit.
 * @param pins such as `monolog/monolog:3.0.0`
 */
function updateScript(names: readonly string[], pins: readonly string[]): string {
  const update = (...more: string[]) =>
    ['composer update', options, ...more, '--', ...names.map(quote)].join(' ');
  return `${update(...pins.map((one) => `--with ${quote(one)}`))} || ${update()} || ${update('--with-dependencies')}`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

const inspectScript = `php -- "$@" <<'END'
${readFileSync(new URL('./inspect.php', import.meta.url), 'utf8')}END`;
