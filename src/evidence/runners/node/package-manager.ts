import semver from 'semver';
import type { RepositoryTree } from '../../../environment/repository-tree.js';
import { type NodeLockfile, withConfiguredRegistry } from './lockfile-registries.js';
import {
  type ManagerName,
  type PackageManagerFields,
  readEngine,
  readWish,
  type Wish,
} from './package-manager-wish.js';

export { PackageManagerFields } from './package-manager-wish.js';
export { findRegistryVariables } from './registry-variables.js';

/** The files that say which package manager a project uses. */
export const lockfiles: readonly string[] = [
  ...['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'],
];

interface PackageManager {
  name: ManagerName;
  /** Whether it is Yarn 2 or newer. */
  isModernYarn: boolean;
  /** Shell commands that install the package manager if it is not installed. */
  provide: string[];
  /** Shell commands that install the dependencies. */
  install: string[];
}

/** The files of a repository, and what its package.json says about package managers. */
interface Project {
  tree: RepositoryTree;
  fields: PackageManagerFields;
  wish: Wish | null;
}

/**
 * Chooses npm, pnpm, Yarn or Bun according to the package.json: the field `packageManager`, and then
 * `devEngines`. If both are missing, the lockfile decides. If the right version is not installed, the
 * commands first install it from the registry into the sandbox's home. The folder `.local/bin` in that home
 * is first on the PATH.
 */
export async function findPackageManager(
  tree: RepositoryTree,
  fields: PackageManagerFields = {},
): Promise<PackageManager> {
  const wish = readWish(fields);
  const { files } = tree;
  const project = { tree, fields, wish };
  if (wish) return managers[wish.name](project);
  if (files.has('pnpm-lock.yaml')) return usePnpm(project);
  if (files.has('yarn.lock')) return useYarn(project);
  if (files.has('package-lock.json') || files.has('npm-shrinkwrap.json')) return useNpm(project);
  return files.has('bun.lock') || files.has('bun.lockb') ? useBun(project) : useNpm(project);
}

const managers: Record<ManagerName, (project: Project) => Promise<PackageManager>> = {
  npm: useNpm,
  pnpm: usePnpm,
  yarn: useYarn,
  bun: useBun,
};

async function usePnpm({ tree, fields, wish }: Project): Promise<PackageManager> {
  const lockfile = await tree.readFile('pnpm-lock.yaml');
  const settings = (await tree.readFile('pnpm-workspace.yaml')) ?? '';
  const fitting = pnpmFor(lockfile ?? '', settings);
  const asked = wish?.version ?? readEngine(fields, 'pnpm');
  const install = `pnpm install ${lockfile === null ? '--no-lockfile' : '--frozen-lockfile'}`;
  return {
    name: 'pnpm',
    isModernYarn: false,
    provide: [provideAsked('pnpm', asked, fitting)],
    install: [await throughRegistry(install, 'pnpm-lock.yaml', tree)],
  };
}

async function useYarn({ tree, fields, wish }: Project): Promise<PackageManager> {
  const lockfile = await tree.readFile('yarn.lock');
  const release = await findYarnRelease(tree);
  const asked = wish?.version ?? readEngine(fields, 'yarn');
  const modern = isModern(release, asked, lockfile ?? '');
  const locked =
    lockfile === null ? null : modern ? 'yarn install --immutable' : 'yarn install --frozen-lockfile';
  const provide = release
    ? // Every Yarn starts the release that the repository contains.
      provideAnyYarn
    : modern
      ? provideAsked('yarn', asked, [yarnFor(lockfile ?? '')], '@yarnpkg/cli-dist')
      : provideAsked('yarn', asked, ['1']);
  return {
    name: 'yarn',
    isModernYarn: modern,
    provide: [provide],
    install: [
      locked === null
        ? `yarn install${modern ? '' : ' --no-lockfile'}`
        : await throughRegistry(locked, 'yarn.lock', tree),
    ],
  };
}

async function useNpm({ tree, wish }: Project): Promise<PackageManager> {
  const lockfile = (['npm-shrinkwrap.json', 'package-lock.json'] as const).find((one) => tree.files.has(one));
  return {
    name: 'npm',
    isModernYarn: false,
    provide: wish?.version ? [provideNpm(wish.version)] : [],
    install: [
      lockfile
        ? await throughRegistry('npm ci --no-audit --no-fund', lockfile, tree)
        : // `npm install` must not write a lockfile, because a new lockfile would become part of the change.
          'npm install --no-package-lock --no-audit --no-fund',
    ],
  };
}

async function useBun({ tree, fields, wish }: Project): Promise<PackageManager> {
  const locked = tree.files.has('bun.lock') || tree.files.has('bun.lockb');
  return {
    name: 'bun',
    isModernYarn: false,
    provide: [provideAsked('bun', wish?.version ?? readEngine(fields, 'bun'), ['1'])],
    install: [`bun install ${locked ? '--frozen-lockfile' : '--no-save'}`],
  };
}

/** Installs Yarn 1 if there is no Yarn. GitHub's machines contain it, and Yarn 1 starts other versions. */
export const provideAnyYarn = provideUnless('yarn', ['[0-9]*'], 'yarn@1');

async function throughRegistry(
  command: string,
  lockfile: NodeLockfile,
  tree: RepositoryTree,
): Promise<string> {
  const text = await tree.readFile(lockfile);
  return text === null ? command : withConfiguredRegistry(command, lockfile, text);
}

/** Finds the release of Yarn that the repository contains and that its settings name. */
async function findYarnRelease({ files, readFile }: RepositoryTree): Promise<string | null> {
  const settings = `${(await readFile('.yarnrc.yml')) ?? ''}\n${(await readFile('.yarnrc')) ?? ''}`;
  const [, named] = /^yarn-?path:?\s+["']?([^"'\n]+?)["']?\s*$/im.exec(settings) ?? [];
  const file = named?.replace(/^\.\//, '');
  return file !== undefined && files.has(file) ? file : null;
}

function isModern(release: string | null, asked: string | null, lockfile: string): boolean {
  const [, released] = /yarn-(\d+)\./.exec(release ?? '') ?? [];
  if (released) return released !== '1';
  if (release) return release.endsWith('.cjs');
  if (asked !== null && !semver.intersects(asked, '1.x')) return true;
  if (asked !== null && semver.valid(asked)) return false;
  return /^__metadata:/m.test(lockfile);
}

/**
 * Returns a shell command that installs a package manager if the right version is missing.
 * @param asked the version or the range that the package.json asks for; null if every version fits
 * @param fitting the major versions that keep the format of the lockfile, the preferred one first
 */
function provideAsked(name: string, asked: string | null, fitting: string[], distribution = name): string {
  if (asked !== null && semver.valid(asked))
    return provideUnless(name, [asked, `${asked}.*`], `${distribution}@${asked}`);
  const usable = asked === null ? fitting : fitting.filter((major) => semver.intersects(asked, `${major}.x`));
  const [preferred] = usable;
  // The lockfile is not in a format that an allowed version keeps, so the allowed versions count.
  if (preferred === undefined) return provideUnless(name, [], `${distribution}@${asked}`);
  const accepted = usable.filter((major) => asked === null || semver.subset(`${major}.x`, asked));
  const wanted = asked === null || accepted.includes(preferred) ? preferred : `${asked} ${preferred}.x`;
  return provideUnless(
    name,
    accepted.map((major) => `${major}.*`),
    `${distribution}@${wanted}`,
  );
}

/** npm itself is always there. Only its major version has an effect on an installation. */
function provideNpm(version: string): string {
  const major = semver.minVersion(version)?.major;
  return provideUnless('npm', [`${major}.*`], `npm@${version}`);
}

/**
 * Returns a shell command that installs a package unless the program has one of the versions. In the
 * repository's folder, the program would switch to the version that the repository names, so the command asks
 * outside of it. A program can be a shim of Corepack, which would first download another version. Without
 * network, it prints no version.
 * @param versions patterns of the shell
 */
function provideUnless(name: string, versions: readonly string[], wanted: string): string {
  const spec = /^[\w@/.-]+$/.test(wanted) ? wanted : `'${wanted}'`;
  const install = `npm install --global --prefix "$HOME/.local" --no-audit --no-fund ${spec}`;
  if (versions.length === 0) return install;
  const version = `$(cd / && COREPACK_ENABLE_NETWORK=0 ${name} --version 2>/dev/null)`;
  return `case "${version}" in ${versions.join('|')}) ;; *) false;; esac || ${install}`;
}

/**
 * Returns the major versions of pnpm that keep the format of this lockfile, the preferred one first.
 * @param settings the content of pnpm-workspace.yaml
 */
function pnpmFor(lockfile: string, settings: string): string[] {
  const version = Number.parseFloat(/^lockfileVersion:\s*'?([\d.]+)/m.exec(lockfile)?.[1] ?? '9');
  if (version < 5.4) return ['6'];
  if (version < 6) return ['7'];
  if (version < 7) return ['8'];
  // Only newer versions write and read these settings.
  if (/^packageManagerDependencies:/m.test(lockfile) || /^(?:allowBuilds|strictDepBuilds):/m.test(settings))
    return ['11', '10'];
  const ofPnpm10 =
    /^(?:onlyBuiltDependencies|ignoredBuiltDependencies|minimumReleaseAge|overrides|patchedDependencies|packageExtensions|configDependencies|peerDependencyRules|autoInstallPeers|nodeLinker|(?:public)?[hH]oistPattern|shamefullyHoist|linkWorkspacePackages|injectWorkspacePackages):/m;
  if (ofPnpm10.test(settings)) return ['10', '11'];
  return ['9', '10', '11'];
}

function yarnFor(lockfile: string): string {
  const version = Number(/^__metadata:\s*\n\s+version:\s*(\d+)/m.exec(lockfile)?.[1] ?? '8');
  if (version <= 4) return '2';
  return version <= 6 ? '3' : '4';
}
