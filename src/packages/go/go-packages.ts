import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Ecosystem, Project } from '../ecosystem.js';
import { folderOf, foldersAbove, inFolder } from '../paths.js';
import { checkGoMod, hasSameModules, listWithoutHash, parseGoMod, readGoMod, readGoSum } from './go-mod.js';
import { inspectScript, installScript, readInspection } from './go-program.js';

const spec = /^([a-z0-9][\w-]*(?:\.[\w-]+)+(?:\/[\w~-][\w.~-]*)*)(?:@(v?[\w.+-]+))?$/i;

/** Go modules of a Go proxy. */
export const go: Ecosystem = {
  manifests: /(?:^|\/)go\.(?:mod|work)$/,
  lockfiles: /(?:^|\/)go\.(?:work\.)?sum$/,
  // Go reads its settings from the home folder only.
  settings: /(?!)/,
  findRootManifest: (files) => (files.has('go.mod') ? 'go.mod' : null),
  isSpec: (text) => text.length <= 300 && spec.test(text),
  nameIn: (text) => spec.exec(text)?.[1] ?? text,
  example: 'golang.org/x/text@v0.14.0',
  makeSafe: (path, text, baseText) => {
    if (!path.endsWith('sum')) checkGoMod(path, text, baseText);
    return text;
  },
  hasSamePackages: (path, one, other) => !path.endsWith('sum') && hasSameModules(one, other),
  readManifest: (_, text) => readGoMod(text),
  readLockfile: (_, text) => readGoSum(text),
  openProject,
};

async function openProject(
  base: RepositoryTree,
  change: RepositoryTree,
  path: string,
): Promise<Project | null> {
  const root = folderOf(path);
  const [module, sums] = [inFolder(root, 'go.mod'), inFolder(root, 'go.sum')];
  const workspace = foldersAbove(root)
    .map((one) => inFolder(one, 'go.work'))
    .find((one) => change.files.has(one));
  if (!change.files.has(module) && !(workspace && folderOf(workspace) === root)) return null;
  const read = async (tree: RepositoryTree, file: string) => (await tree.readFile(file)) ?? '';
  const withoutHash = async (tree: RepositoryTree) =>
    listWithoutHash(await read(tree, module), await read(tree, sums));
  const known = new Set(await withoutHash(base));
  const edited = (await withoutHash(change)).filter((one) => !known.has(one));
  const toolchain = findToolchain(
    await read(base, workspace && base.files.has(workspace) ? workspace : module),
  );
  return {
    manager: 'go',
    root,
    lockfile: sums,
    updates: [module, ...(workspace ? [`${workspace}.sum`] : [])].filter((one) => change.files.has(one)),
    provide: [],
    add: (_, specs) => ({ script: installScript, args: [...specs] }),
    install: { script: `GO_MOD_IS_EDITED=1\n${installScript}`, args: edited },
    inspect: (names) => ({ script: inspectScript, args: [...names], read: readInspection }),
    environment: { ...ownSettings, BASE_TOOLCHAIN: toolchain },
    offline: { GOPROXY: 'off' },
    // Go unpacks these into other folders, which are read-only, so they cannot be replaced.
    homeFolders: ['go/pkg/mod/cache/download', 'go/pkg/sumdb'],
    mergeManifest: (_, written) => written,
    mergeLockfile: (_, written) => written,
  };
}

/** Go takes modules from nowhere but the proxy, and starts no version control system and no other Go. */
const ownSettings = { GOENV: 'off', GOFLAGS: '', GONOPROXY: 'none', GOVCS: '*:off', GOTOOLCHAIN: 'local' };

/** Returns the Go that the base commit asks for, such as `go1.22.1`; `local` if Go cannot choose it. */
function findToolchain(goMod: string): string {
  const lines = parseGoMod(goMod);
  const wanted = (keyword: string) => lines.find((one) => one.keyword === keyword)?.args[0];
  const toolchain = wanted('toolchain') ?? `go${wanted('go') ?? ''}`;
  return /^go1\.(?:2[1-9]|[3-9]\d)[\w.-]*$/.test(toolchain) ? toolchain : 'local';
}
