import type { RepositoryTree } from '../../repository-tree.js';

interface PackageManager {
  name: 'npm' | 'pnpm' | 'yarn';
  /** Shell commands: the last one installs the dependencies, the ones before it install the manager. */
  install: string[];
}

/**
 * Finds npm, pnpm or yarn by `packageManager` in the package.json and by the lockfile. If the server lacks
 * the manager or has a different version than the repository names, the commands install it from the registry
 * into the sandbox's home, whose `.local/bin` is first on the PATH.
 */
export async function findPackageManager(
  { files, readFile }: RepositoryTree,
  packageManager = '',
): Promise<PackageManager> {
  // The checksum in `pnpm@9.1.0+sha512.…` belongs to a different distribution, so it is not used.
  const [, named, version] = /^(npm|pnpm|yarn)@(\d+\.\d+\.\d+[\w.-]*)/.exec(packageManager) ?? [];
  if (named === 'pnpm' || (!named && files.has('pnpm-lock.yaml'))) {
    const wanted = version ?? pnpmFor((await readFile('pnpm-lock.yaml')) ?? '');
    const locked = files.has('pnpm-lock.yaml');
    return {
      name: 'pnpm',
      install: [
        provide('pnpm', `pnpm@${wanted}`, version),
        `pnpm install ${locked ? '--frozen-lockfile' : '--no-lockfile'}`,
      ],
    };
  }
  if (named === 'yarn' || (!named && files.has('yarn.lock'))) {
    const lockfile = (await readFile('yarn.lock')) ?? '';
    const modern = version ? !version.startsWith('1.') : /^__metadata:/m.test(lockfile);
    const wanted = modern ? `@yarnpkg/cli-dist@${version ?? yarnFor(lockfile)}` : `yarn@${version ?? '1'}`;
    const locked = files.has('yarn.lock') ? (modern ? ' --immutable' : ' --frozen-lockfile') : '';
    return {
      name: 'yarn',
      install: [
        provide('yarn', wanted, version ?? (modern ? yarnFor(lockfile) : undefined)),
        ...(locked && !modern ? [useConfiguredRegistry] : []),
        `yarn install${locked || (modern ? '' : ' --no-lockfile')}`,
        ...(locked && !modern ? ['mv yarn.lock.committed yarn.lock'] : []),
      ],
    };
  }
  const locked = files.has('package-lock.json') || files.has('npm-shrinkwrap.json');
  return {
    name: 'npm',
    install: [
      // A new lockfile would become part of the change.
      locked ? 'npm ci --no-audit --no-fund' : 'npm install --no-package-lock --no-audit --no-fund',
    ],
  };
}

/**
 * Yarn 1 ignores its registry and downloads from the hosts in the lockfile. Its checksums are still verified.
 */
const useConfiguredRegistry = `sed -i.committed -E "s#^(  resolved .)https?://registry\\.[^/]+/#\\1\${npm_config_registry%/}/#" yarn.lock`;

/**
 * The version is checked outside of the repository, because inside these programs switch to the version it
 * names.
 */
function provide(name: string, wanted: string, version: string | undefined): string {
  const there = version
    ? `case "$(cd / && ${name} --version 2>/dev/null)" in ${version}|${version}.*) ;; *) false;; esac`
    : `command -v ${name} >/dev/null`;
  return `${there} || npm install --global --prefix "$HOME/.local" --no-audit --no-fund ${wanted}`;
}

/** The newest major version that keeps this lockfile's format. */
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
