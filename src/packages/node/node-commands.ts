import type { Script } from '../ecosystem.js';

/** The commands of one package manager for Node. */
export interface NodeCommands {
  /**
   * Adds packages to the package.json of the current folder.
   * @param lockfile whether the project has a lockfile
   * @param isWorkspaceRoot whether the folder is the root of several packages
   */
  add(
    specs: readonly string[],
    options: { dev: boolean; lockfile: boolean; isWorkspaceRoot: boolean },
  ): Script;
  /** Installs without running scripts. If the lockfile does not fit, updates the lockfile. */
  install(lockfile: boolean): string;
  environment: Record<string, string>;
  offline: Record<string, string>;
  homeFolders: string[];
  /** The registry that lockfiles name if the project's lockfile names none. */
  publicRegistry: string;
}

/** Settings that keep every package manager from running scripts. Options on the command line repeat them. */
const withoutScripts = {
  npm_config_ignore_scripts: 'true',
  YARN_ENABLE_SCRIPTS: 'false',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
};

const npmRegistry = 'https://registry.npmjs.org/';

const npm: NodeCommands = {
  add: (specs, { dev, lockfile }) => ({
    script: `npm install --ignore-scripts ${lockfile ? '' : '--no-package-lock '}${dev ? '--save-dev' : '--save'} -- "$@"`,
    args: [...specs],
  }),
  install: (lockfile) =>
    lockfile
      ? 'npm ci --ignore-scripts || npm install --ignore-scripts'
      : 'npm install --ignore-scripts --no-package-lock',
  environment: { ...withoutScripts, npm_config_prefer_offline: 'true' },
  offline: { npm_config_offline: 'true' },
  homeFolders: ['.npm'],
  publicRegistry: npmRegistry,
};

/** Yarn 1 ignores the configured registry for packages in the lockfile. */
const useConfiguredRegistry = `sed -i -E "s#^(  resolved .)https?://registry\\.[^/]+/#\\1\${npm_config_registry%/}/#" yarn.lock`;

/** The registry is named, because Yarn 1 has its own default. */
const oldYarnOptions = '--non-interactive --no-progress --registry "$npm_config_registry"';

const oldYarn: NodeCommands = {
  add: (specs, { dev, lockfile, isWorkspaceRoot }) => ({
    script: `yarn add --ignore-scripts ${oldYarnOptions} ${lockfile ? '' : '--no-lockfile '}${dev ? '--dev ' : ''}${isWorkspaceRoot ? '-W ' : ''}"$@"`,
    args: [...specs],
  }),
  install: (lockfile) =>
    lockfile
      ? `${useConfiguredRegistry}; yarn install --frozen-lockfile --ignore-scripts ${oldYarnOptions} || yarn install --ignore-scripts ${oldYarnOptions}`
      : `yarn install --no-lockfile --ignore-scripts ${oldYarnOptions}`,
  environment: withoutScripts,
  // Yarn 1 uses what its cache contains before it connects to the registry.
  offline: {},
  homeFolders: ['.cache/yarn'],
  publicRegistry: 'https://registry.yarnpkg.com/',
};

const modernYarn: NodeCommands = {
  add: (specs, { dev }) => ({ script: `yarn add ${dev ? '--dev ' : ''}"$@"`, args: [...specs] }),
  install: (lockfile) => (lockfile ? 'yarn install --immutable || yarn install' : 'yarn install'),
  environment: {
    ...withoutScripts,
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    YARN_ENABLE_GLOBAL_CACHE: 'true',
    YARN_ENABLE_TELEMETRY: 'false',
    YARN_ENABLE_PROGRESS_BARS: 'false',
    // Licenses and sizes are read from node_modules.
    YARN_NODE_LINKER: 'node-modules',
  },
  offline: { YARN_ENABLE_NETWORK: 'false' },
  homeFolders: ['.yarn'],
  publicRegistry: npmRegistry,
};

/** The store is in the home folder, because pnpm could otherwise put it into the repository. */
const store = { npm_config_store_dir: '/home/agent/.local/share/pnpm/store' };

const pnpm: NodeCommands = {
  add: (specs, { dev, lockfile, isWorkspaceRoot }) => ({
    script: `pnpm add --ignore-scripts ${lockfile ? '' : '--no-lockfile '}${dev ? '--save-dev' : '--save-prod'} ${isWorkspaceRoot ? '--workspace-root ' : ''}"$@"`,
    args: [...specs],
  }),
  install: (lockfile) =>
    lockfile
      ? 'pnpm install --frozen-lockfile --ignore-scripts || pnpm install --no-frozen-lockfile --ignore-scripts'
      : 'pnpm install --no-lockfile --ignore-scripts',
  environment: {
    ...withoutScripts,
    ...store,
    npm_config_manage_package_manager_versions: 'false',
    npm_config_prefer_offline: 'true',
  },
  offline: { ...store, npm_config_offline: 'true' },
  homeFolders: ['.local/share/pnpm', '.cache/pnpm'],
  publicRegistry: npmRegistry,
};

export function commandsOf(manager: 'npm' | 'pnpm' | 'yarn', isModernYarn: boolean): NodeCommands {
  if (manager === 'npm') return npm;
  if (manager === 'pnpm') return pnpm;
  return isModernYarn ? modernYarn : oldYarn;
}

/**
 * Prints the licenses, sizes and install scripts of packages in node_modules, which is in the current folder
 * or in one above it.
 */
export const inspectScript = `node - "$@" <<'END'
const fs = require('node:fs');
const path = require('node:path');
const sizeOf = (folder) => fs.readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
  const file = path.join(folder, entry.name);
  if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + sizeOf(file);
  return sum + (entry.isFile() ? fs.lstatSync(file).size : 0);
}, 0);
const find = (name) => {
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (fs.existsSync(path.join(found, 'package.json'))) return fs.realpathSync(found);
    if (folder === path.dirname(folder)) return null;
  }
};
const inspect = (folder) => {
  const { version, license, licenses, scripts = {} } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const old = Array.isArray(licenses) ? licenses.map((one) => one.type).join(' OR ') : licenses && licenses.type;
  const names = ['preinstall', 'install', 'postinstall'].filter((name) => scripts[name] !== undefined);
  if (names.length === 0 && fs.existsSync(path.join(folder, 'binding.gyp'))) names.push('install');
  return {
    version: String(version),
    license: (typeof license === 'string' ? license : license && license.type) || old || null,
    bytes: sizeOf(folder),
    installScripts: names,
  };
};
const found = process.argv.slice(2).map((name) => [name, find(name)]);
console.log(JSON.stringify(Object.fromEntries(found.filter(([, folder]) => folder).map(([name, folder]) => [name, inspect(folder)]))));
END`;
