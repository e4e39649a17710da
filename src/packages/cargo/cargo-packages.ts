import { z } from 'zod';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Ecosystem, InstalledPackage, Project } from '../ecosystem.js';
import { folderOf, foldersAbove, inFolder } from '../paths.js';
import {
  checkLockfile,
  checkManifest,
  hasSamePackages,
  listSources,
  mergeManifest,
  parseToml,
  readLockfile,
  readManifest,
} from './cargo-manifest.js';

const spec = /^([a-z][\w-]*)(?:@([\w.^~<>=*+-]+(?:, ?[\w.^~<>=*+-]+)*))?$/i;

export const cargo: Ecosystem = {
  manifests: /(?:^|\/)Cargo\.toml$/,
  lockfiles: /(?:^|\/)Cargo\.lock$/,
  settings: /(?:^|\/)(?:\.cargo\/config(?:\.toml)?|rust-toolchain(?:\.toml)?)$/,
  findRootManifest: (files) => (files.has('Cargo.toml') ? 'Cargo.toml' : null),
  isSpec: (text) => text.length <= 300 && spec.test(text),
  nameIn: (text) => spec.exec(text)?.[1] ?? text,
  example: 'serde@1.0',
  makeSafe: (path, text, baseText) => {
    if (path.endsWith('.lock')) checkLockfile(path, text, baseText);
    else checkManifest(path, text, baseText);
    return text;
  },
  listSources: (path, text) => (path.endsWith('.lock') ? [] : listSources(path, text)),
  hasSamePackages: (path, one, other) => path.endsWith('.toml') && hasSamePackages(one, other),
  readManifest: (_, text) => readManifest(text),
  readLockfile: (_, text) => readLockfile(text),
  openProject,
};

async function openProject(
  base: RepositoryTree,
  change: RepositoryTree,
  path: string,
): Promise<Project | null> {
  const root = await findRoot(change, folderOf(path));
  if (!change.files.has(inFolder(root, 'Cargo.toml')) || (await hasOwnSources(base, root))) return null;
  const lockfile = inFolder(root, 'Cargo.lock');
  return {
    manager: 'cargo',
    root,
    lockfile: change.files.has(lockfile) ? lockfile : null,
    provide: [],
    add: (_, specs, dev) => ({
      script: `cargo add ${dev ? '--dev ' : ''}-- "$@" && cargo fetch`,
      args: [...specs],
    }),
    // A Cargo.lock that fits stays as it is.
    install: { script: 'cargo fetch', args: [] },
    inspect: (names) => ({
      script: inspectScript,
      args: [...names],
      read: (printed) => readInspection(printed, names),
    }),
    // Cargo would start the wrapper to ask for the version of the compiler.
    environment: { RUSTC_WRAPPER: '', RUSTC_WORKSPACE_WRAPPER: '' },
    offline: { CARGO_NET_OFFLINE: 'true' },
    homeFolders: ['.cargo/registry', '.cargo/git'],
    mergeManifest,
    mergeLockfile: (before, written) => {
      // Cargo wrote where the packages really come from.
      checkLockfile(lockfile, written, before);
      return written;
    },
  };
}

/** Finds the folder with the lockfile; without one, the folder of the workspace. */
async function findRoot(tree: RepositoryTree, folder: string): Promise<string> {
  const above = foldersAbove(folder);
  const locked = above.find((one) => tree.files.has(inFolder(one, 'Cargo.lock')));
  if (locked !== undefined) return locked;
  for (const one of above) {
    const text = await tree.readFile(inFolder(one, 'Cargo.toml'));
    if (text !== null && parseToml(text)?.workspace !== undefined) return one;
  }
  return folder;
}

/** Returns whether the base commit makes Cargo take all packages from a folder. */
async function hasOwnSources({ readFile }: RepositoryTree, root: string): Promise<boolean> {
  for (const folder of foldersAbove(root))
    for (const name of ['.cargo/config.toml', '.cargo/config'])
      if (
        /^\s*(?:source\..*)?\b(?:directory|local-registry)\s*=/m.test(
          (await readFile(inFolder(folder, name))) ?? '',
        )
      )
        return true;
  return false;
}

/** Prints the current folder, the sizes of the unpacked packages, and what Cargo knows about all packages. */
const inspectScript = `pwd
for name in "$@"; do
  for folder in "$HOME"/.cargo/registry/src/*/\${name//[-_]/[-_]}-[0-9]*/; do
    printf '%s\\t%s\\n' "$folder" "$(find "$folder" -type f -printf '%s\\n' | awk '{ sum += $1 } END { print sum + 0 }')"
  done
done
RUSTC_WRAPPER= RUSTC_WORKSPACE_WRAPPER= cargo metadata --format-version 1 --offline --all-features 2>/dev/null`;

const Package = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  license: z.string().nullable(),
  license_file: z.string().nullable(),
  source: z.string().nullable(),
  manifest_path: z.string(),
  targets: z.array(z.object({ kind: z.array(z.string()) })),
});
const Metadata = z.object({
  packages: z.array(Package),
  resolve: z.object({ nodes: z.array(z.object({ id: z.string(), dependencies: z.array(z.string()) })) }),
});

/**
 * Reads what `inspectScript` printed. If there are several versions of a package, chooses the one that the
 * package in the current folder uses.
 */
function readInspection(printed: string, names: readonly string[]): Record<string, InstalledPackage> {
  const lines = printed.trimEnd().split('\n');
  const { success, data } = Metadata.safeParse(JSON.parse(lines.pop() ?? ''));
  if (!success) return {};
  const { packages, resolve } = data;
  const [folder, ...sized] = lines;
  const sizes = new Map(sized.map((line) => line.split('\t') as [string, string]));
  const own = packages.find((one) => one.manifest_path === `${folder}/Cargo.toml`);
  const used = new Set(resolve.nodes.find(({ id }) => id === own?.id)?.dependencies);
  return Object.fromEntries(
    names.flatMap((name) => {
      const same = packages.filter((one) => one.source !== null && normalize(one.name) === normalize(name));
      const found = same.find(({ id }) => used.has(id)) ?? same.at(-1);
      return found ? [[name, describe(found, sizes)]] : [];
    }),
  );
}

/** Cargo finds a package with hyphens for a name with underscores. */
function normalize(name: string): string {
  return name.replaceAll('_', '-');
}

function describe(
  { version, license, license_file: file, manifest_path: manifest, targets }: z.infer<typeof Package>,
  sizes: ReadonlyMap<string, string>,
): InstalledPackage {
  const kinds = new Set(targets.flatMap(({ kind }) => kind));
  const size = sizes.get(manifest.replace(/Cargo\.toml$/, ''));
  return {
    version,
    license: license ?? (file && `in ${file}`),
    bytes: size === undefined ? null : Number(size),
    // Code that runs when the package is built, or when code that uses it is built.
    installScripts: [
      ...(kinds.has('custom-build') ? ['build.rs'] : []),
      ...(kinds.has('proc-macro') ? ['procedural macro'] : []),
    ],
  };
}
