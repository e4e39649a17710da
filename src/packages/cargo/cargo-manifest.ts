import path from 'node:path';
import { parse, stringify, TomlError } from 'smol-toml';
import { type LockedPackage, PackageError, type Requirements } from '../ecosystem.js';
import { folderOf, inFolder } from '../paths.js';

type Table = Record<string, unknown>;

const maxCharacters = 4_000_000;
const sections = [
  'dependencies',
  'dev-dependencies',
  'build-dependencies',
  'dev_dependencies',
  'build_dependencies',
];
/** Parts of a Cargo.toml that choose packages. `target` contains sections for single platforms. */
const choosing = [...sections, 'target', 'patch', 'replace'] as const;

/** @returns null if the text is not valid TOML */
export function parseToml(text: string): Table | null {
  if (text.length > maxCharacters) return null;
  try {
    return parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof TomlError) return null;
    throw error;
  }
}

/**
 * Checks that every package that the change adds to a Cargo.toml is in the registry or in the repository.
 * @throws PackageError if one is not
 */
export function checkManifest(file: string, text: string, baseText: string | null): void {
  const manifest = parseToml(text);
  if (!manifest) throw new PackageError(`${file} is not valid TOML, or too large to be checked.`);
  const known = new Set(listPlaces(file, parseToml(baseText ?? '')));
  const bad = listPlaces(file, manifest).find((one) => !known.has(one));
  if (bad !== undefined)
    throw new PackageError(
      `${file} asks for a package from ${bad.slice(0, 200)}, and only packages from the registry and folders of the repository can be added.`,
    );
}

/** Lists the values anywhere in a Cargo.toml that name another place than the registry and the repository. */
function listPlaces(file: string, value: unknown, within = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = `${within}${key}`;
    if (at === 'package.metadata' || at === 'workspace.metadata') return [];
    if (['git', 'registry', 'registry-index', 'base'].includes(key) && typeof inner === 'string')
      return [`${key} = ${inner}`];
    if (key === 'path' && typeof inner === 'string' && !isInside(file, inner)) return [`path = ${inner}`];
    return listPlaces(file, inner, `${at}.`);
  });
}

function isInside(file: string, folder: string): boolean {
  return !path.posix.isAbsolute(folder) && !/^\.\.(?:\/|$)/.test(path.posix.join(folderOf(file), folder));
}

/** The registry that Cargo names in every Cargo.lock, also if it uses a mirror of it. */
const registries = [
  'registry+https://github.com/rust-lang/crates.io-index',
  'sparse+https://index.crates.io/',
];

/**
 * Checks that a Cargo.lock takes packages only from the registry, or from where the base commit takes some.
 * @throws PackageError if it does not
 */
export function checkLockfile(file: string, text: string, baseText: string | null): void {
  const known = new Set<string | null>(readLockfile(baseText ?? '').map(({ source }) => source));
  const bad = readLockfile(text).find(({ source }) => source !== null && !known.has(source));
  if (bad)
    throw new PackageError(
      `${file} takes a package from ${bad.source?.slice(0, 200)}, and only packages from the registry can be added.`,
    );
}

/** Leaves out the packages of the repository. */
export function readLockfile(text: string): LockedPackage[] {
  const { package: packages } = parseToml(text) ?? {};
  if (!Array.isArray(packages)) return [];
  return packages.flatMap(({ name, version, source }: Table) =>
    typeof source === 'string'
      ? { name: String(name), version: String(version), source: registries.includes(source) ? null : source }
      : [],
  );
}

/** Returns whether two versions of a Cargo.toml lead to the same Cargo.lock. */
export function hasSamePackages(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => {
    const manifest = parseToml(text);
    if (!manifest) return text;
    const { name, version, edition, resolver, links } = tableIn(manifest, 'package');
    const own = [name, version, edition, resolver, links];
    return JSON.stringify([
      own,
      manifest.features,
      manifest.workspace,
      ...choosing.map((key) => manifest[key]),
    ]);
  });
  return first === second;
}

/** Reads the packages that a Cargo.toml asks for. Leaves out those that are only in the repository. */
export function readManifest(text: string): Requirements {
  const manifest = parseToml(text) ?? {};
  const tables = [manifest, tableIn(manifest, 'workspace'), ...Object.values(tableIn(manifest, 'target'))];
  const found = new Map<string, { range: string; dev: boolean }>();
  for (const section of sections)
    for (const [key, asked] of tables
      .filter(isTable)
      .flatMap((one) => Object.entries(tableIn(one, section)))) {
      const one = isTable(asked) ? asked : { version: asked };
      if (one.path !== undefined && one.version === undefined) continue;
      const name = String(one.package ?? key);
      const range = String(one.version ?? one.git ?? (one.workspace === true ? 'of the workspace' : '*'));
      const other = found.get(name);
      if (!other) found.set(name, { range, dev: section.startsWith('dev') });
      else if (!other.range.split(' | ').includes(range)) other.range += ` | ${range}`;
    }
  return found;
}

/**
 * Takes over the packages of a Cargo.toml that adds some. If it differs in nothing else, takes it over as it
 * is, with its comments.
 */
export function mergeManifest(text: string, written: string): string {
  const [manifest, changed] = [parseToml(text), parseToml(written)];
  if (!manifest || !changed) return written;
  const merged = takePackages(manifest, changed);
  const asText = (table: Table) => JSON.stringify(sortKeys(table));
  return asText(merged) === asText(changed) ? written : stringify(merged);
}

function takePackages(manifest: Table, changed: Table): Table {
  const merged: Table = { ...manifest };
  for (const key of [...choosing, 'features']) {
    if (changed[key] === undefined) delete merged[key];
    else merged[key] = changed[key];
  }
  const { dependencies } = tableIn(changed, 'workspace');
  const workspace = { ...tableIn(manifest, 'workspace'), dependencies };
  return dependencies === undefined ? merged : { ...merged, workspace };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isTable(value) || value instanceof Date) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}

/**
 * Lists the source files without which Cargo refuses a Cargo.toml. Cargo only checks that they exist.
 * @returns paths relative to the repository
 */
export function listSources(file: string, text: string): string[] {
  const manifest = parseToml(text) ?? {};
  const { 'default-run': run } = tableIn(manifest, 'package');
  const named = (kind: string, folder: string) =>
    (Array.isArray(manifest[kind]) ? manifest[kind] : [])
      .filter((one) => isTable(one) && one.path === undefined)
      .map(({ name }: Table) => `${folder}/${name}`);
  const paths = [
    ...['src/lib', 'build'],
    ...(run === undefined ? [] : [`src/bin/${run}`]),
    ...named('bin', 'src/bin'),
    ...named('test', 'tests'),
    ...named('bench', 'benches'),
    ...named('example', 'examples'),
  ];
  return paths
    .filter((one) => /^\w+(?:\/[\w-]+)+$|^build$/.test(one))
    .map((one) => inFolder(folderOf(file), `${one}.rs`));
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tableIn(table: Table, key: string): Table {
  const value = table[key];
  return isTable(value) ? value : {};
}
