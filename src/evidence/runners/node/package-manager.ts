import type { RepositoryTree } from '../../../environment/repository-tree.js';

interface PackageManager {
  name: 'npm' | 'pnpm' | 'yarn';
  /** Whether it is Yarn 2 or newer. */
  isModernYarn: boolean;
  /** Shell commands that install the package manager if it is not installed. */
  provide: string[];
  /** Shell commands that install the dependencies. */
  install: string[];
}

/**
 * Chooses npm, pnpm or yarn according to the field `packageManager` in the package.json. If this field is
 * missing, the lockfile decides. If the right version is not installed, the commands first install it from
 * the registry into the sandbox's home. The folder `.local/bin` in that home is first on the PATH.
 */
export async function findPackageManager(
  { files, readFile }: RepositoryTree,
  packageManager = '',
): Promise<PackageManager> {
  // The pattern ignores a checksum, as in `pnpm@9.1.0+sha512.…`. This checksum belongs to a different
  // distribution from the one that we install.
  const [, named, version] = /^(npm|pnpm|yarn)@(\d+\.\d+\.\d+[\w.-]*)/.exec(packageManager) ?? [];
  if (named === 'pnpm' || (!named && files.has('pnpm-lock.yaml'))) {
    const wanted = version ?? pnpmFor((await readFile('pnpm-lock.yaml')) ?? '');
    const locked = files.has('pnpm-lock.yaml');
    return {
      name: 'pnpm',
      isModernYarn: false,
      provide: [provide('pnpm', `pnpm@${wanted}`, version)],
      install: [`pnpm install ${locked ? '--frozen-lockfile' : '--no-lockfile'}`],
    };
  }
  if (named === 'yarn' || (!named && files.has('yarn.lock'))) {
    const lockfile = (await readFile('yarn.lock')) ?? '';
    const modern = version ? !version.startsWith('1.') : /^__metadata:/m.test(lockfile);
    const wanted = modern ? `@yarnpkg/cli-dist@${version ?? yarnFor(lockfile)}` : `yarn@${version ?? '1'}`;
    const locked = files.has('yarn.lock') ? (modern ? ' --immutable' : ' --frozen-lockfile') : '';
    return {
      name: 'yarn',
      isModernYarn: modern,
      provide: [provide('yarn', wanted, version ?? (modern ? yarnFor(lockfile) : undefined))],
      install: [
        locked && !modern
          ? `${useConfiguredRegistry} && yarn install --frozen-lockfile; code=$?; ${restoreLockfile}; exit $code`
          : `yarn install${locked || (modern ? '' : ' --no-lockfile')}`,
      ],
    };
  }
  const locked = files.has('package-lock.json') || files.has('npm-shrinkwrap.json');
  return {
    name: 'npm',
    isModernYarn: false,
    provide: [],
    install: [
      // `npm install` must not write a lockfile, because a new lockfile would become part of the change.
      locked ? 'npm ci --no-audit --no-fund' : 'npm install --no-package-lock --no-audit --no-fund',
    ],
  };
}

/**
 * Yarn 1 ignores the configured registry and downloads from the hosts in the lockfile. This command replaces
 * those hosts with the configured registry. Yarn still verifies the lockfile's checksums.
 */
const useConfiguredRegistry = `sed -i.committed -E "s#^(  resolved .)https?://registry\\.[^/]+/#\\1\${npm_config_registry%/}/#" yarn.lock`;
const restoreLockfile = 'mv yarn.lock.committed yarn.lock';

/**
 * Returns a shell command that installs a package manager if the right version is missing. In the
 * repository's folder, the package manager would switch to the version that the repository names. Therefore,
 * the command checks the version outside of that folder.
 */
function provide(name: string, wanted: string, version: string | undefined): string {
  const there = version
    ? `case "$(cd / && ${name} --version 2>/dev/null)" in ${version}|${version}.*) ;; *) false;; esac`
    : `command -v ${name} >/dev/null`;
  return `${there} || npm install --global --prefix "$HOME/.local" --no-audit --no-fund ${wanted}`;
}

/** Returns the newest major version of pnpm that keeps the format of this lockfile. */
function pnpmFor(lockfile: string): string {
  const version = Number.parseFloat(/^lockfileVersion:\s*'?([\d.]+)/m.exec(lockfile)?.[1] ?? '9');
  if (version < 5.4) return '6';
  if (version < 6) return '7';
  return version < 7 ? '8' : '9';
}

function yarnFor(lockfile: string): string {
  const version = Number(/^__metadata:\s*\n\s+version:\s*(\d+)/m.exec(lockfile)?.[1] ?? '8');
  if (version <= 4) return '2';
  return version <= 6 ? '3' : '4';
}
