import path from 'node:path';
import { type LockedPackage, PackageError } from '../ecosystem.js';
import { normalizeName } from './requirements.js';
import { asList, asTable, checkToml, readToml, type Table } from './toml.js';

/** Matches the lockfiles of Poetry and uv. */
export const lockfiles = /(?:^|\/)(?:poetry|uv)\.lock$/;

const publicRegistries = ['https://pypi.org/simple'];
const publicHosts = ['files.pythonhosted.org'];

export function readPythonLockfile(text: string): LockedPackage[] {
  return listPackages(readToml(text)).flatMap((one) =>
    isOwn(one) ? [] : [{ name: one.name, version: one.version, source: one.registry ?? one.place }],
  );
}

/** Returns whether a lockfile takes packages from other places than registries and the repository. */
export function hasOtherSources(text: string): boolean {
  return listPackages(readToml(text)).some((one) => one.place !== null && !isOwn(one));
}

/**
 * Checks that a lockfile takes packages only from registries. The change could otherwise name a server that
 * nobody notices in a review.
 * @throws PackageError if it does not
 */
export function checkPythonLockfile(file: string, text: string, baseText: string | null): void {
  const known = listPackages(readToml(baseText ?? ''));
  const places = new Set(known.map(({ place }) => place));
  const registries = new Set([...publicRegistries, ...known.map(({ registry }) => registry)]);
  const hosts = new Set([...publicHosts, ...known.flatMap(({ files }) => files.map(hostOf))]);
  for (const one of listPackages(checkToml(file, text))) {
    const isKnownPlace = places.has(one.place) || isOwn(one);
    const isKnownRegistry = one.registry === null || registries.has(one.registry);
    const bad =
      (one.place !== null && !isKnownPlace && one.place) ||
      (!isKnownRegistry && one.registry) ||
      one.files.find((url) => !(hosts.has(hostOf(url)) && isFileOf(url, one.name)));
    if (bad)
      throw new PackageError(
        `${file} takes a package from ${bad}, and only packages from the registry can be added.`,
      );
  }
}

interface Locked {
  name: string;
  version: string;
  /** The URL of a registry; null if it is the usual one. */
  registry: string | null;
  /** A source that is no registry, as JSON; null if there is none. */
  place: string | null;
  /** A folder of the repository; null if the package comes from elsewhere. */
  folder: string | null;
  /** The URLs of the files of the package. */
  files: string[];
}

function listPackages(lockfile: Table): Locked[] {
  return asList(lockfile.package).map((one) => {
    const { name, version, source, sdist, wheels } = asTable(one);
    return {
      ...{ name: normalizeName(String(name)), version: String(version ?? ''), ...readSource(source) },
      files: [sdist, ...asList(wheels)].flatMap((file) => {
        const { url } = asTable(file);
        return url === undefined ? [] : [String(url)];
      }),
    };
  });
}

/** Reads `{ registry = … }` and the like of uv, or `{ type = "legacy", url = … }` and the like of Poetry. */
function readSource(source: unknown): Pick<Locked, 'registry' | 'place' | 'folder'> {
  if (source === undefined) return { registry: null, place: null, folder: null };
  const { type, url, registry, editable, virtual } = asTable(source);
  const found = registry ?? (type === 'legacy' ? url : undefined);
  if (typeof found === 'string') return { registry: found.replace(/\/$/, ''), place: null, folder: null };
  const folder = editable ?? virtual;
  return {
    registry: null,
    place: JSON.stringify(source),
    folder: typeof folder === 'string' ? folder : null,
  };
}

/** Returns whether a package is a folder of the repository. */
function isOwn({ folder }: Locked): boolean {
  return folder !== null && !folder.startsWith('/') && !path.posix.normalize(folder).startsWith('..');
}

/** Returns whether a file name begins with the name of a package. */
function isFileOf(url: string, name: string): boolean {
  return normalizeName(url.slice(url.lastIndexOf('/') + 1)).startsWith(`${name}-`);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
