import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { type LockedPackage, PackageError } from '../ecosystem.js';

/** Lockfiles up to this size are read. Reading blocks all other runs. */
const maxCharacters = 4_000_000;

/** Reads the lockfile of npm, Yarn or pnpm. */
export function readNodeLockfile(path: string, text: string): LockedPackage[] {
  if (path.endsWith('.json')) return readNpmLockfile(text);
  if (path.endsWith('pnpm-lock.yaml')) return readPnpmLockfile(text);
  return /^__metadata:/m.test(text) ? readModernYarnLockfile(text) : readYarnLockfile(text);
}

/** Matches the address of a package in a registry, such as `https://host/@scope/name/-/name-1.0.0.tgz`. */
const registryFile =
  /^https?:\/\/[\w.:-]+\/(?:[\w.~%-]+\/)*(?:@[\w.~-]+(?:\/|%2f))?[\w.~-]+\/-\/[\w.~%+@-]+\.tgz(?:#\w+)?$/i;
const publicRegistries = ['registry.npmjs.org', 'registry.yarnpkg.com'];

/**
 * Checks that a lockfile takes packages only from registries. The change could otherwise name a server that
 * nobody notices in a review.
 * @throws PackageError if it does not
 */
export function checkLockfile(path: string, text: string, baseText: string | null): void {
  if (text.length > maxCharacters) throw new PackageError(`${path} is too large to be checked.`);
  const known = new Set(listSources(path, baseText ?? ''));
  const hosts = new Set([...publicRegistries, ...[...known].map(hostOf)]);
  for (const source of listSources(path, text))
    if (!known.has(source) && !(registryFile.test(source) && hosts.has(hostOf(source))))
      throw new PackageError(
        `${path} takes a package from ${source}, and only packages from the registry can be added.`,
      );
}

const couldBeAddress = /:\/|\\|\b(?:file|link|github|gitlab|bitbucket|gist|git|ssh):/;

function listSources(path: string, text: string): string[] {
  // Yarn 1 accepts addresses in many spellings, so every text that could be one counts.
  if (path.endsWith('yarn.lock') && !/^__metadata:/m.test(text))
    return text.split(/[\s",]+/).filter((one) => couldBeAddress.test(one));
  return readNodeLockfile(path, text).flatMap(({ source }) => source ?? []);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

const NpmPackage = z.object({
  name: z.string().optional(),
  version: z.string().default(''),
  resolved: z.union([z.string(), z.boolean()]).optional(),
  link: z.boolean().optional(),
});
interface OldNpmPackage extends z.infer<typeof NpmPackage> {
  dependencies?: Record<string, OldNpmPackage> | undefined;
}
const OldNpmPackage: z.ZodType<OldNpmPackage> = NpmPackage.extend({
  dependencies: z.lazy(() => z.record(z.string(), OldNpmPackage)).optional(),
});
const NpmLockfile = z.object({
  packages: z.record(z.string(), NpmPackage).optional(),
  dependencies: z.record(z.string(), OldNpmPackage).optional(),
});

function readNpmLockfile(text: string): LockedPackage[] {
  const { packages, dependencies = {} } = NpmLockfile.catch({}).parse(parseJson(text));
  if (!packages) return listOldNpmPackages(dependencies);
  return Object.entries(packages).flatMap(([path, one]) => {
    const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    return name && !one.link ? [{ name: one.name ?? name, ...describeNpmPackage(one) }] : [];
  });
}

/** Reads the packages of a lockfile of npm 6 and older. Versions from other places are URLs. */
function listOldNpmPackages(packages: Record<string, OldNpmPackage>): LockedPackage[] {
  return Object.entries(packages).flatMap(([name, one]) => [
    { name, ...describeNpmPackage(one) },
    ...listOldNpmPackages(one.dependencies ?? {}),
  ]);
}

function describeNpmPackage({ version, resolved }: z.infer<typeof NpmPackage>) {
  return { version, source: typeof resolved === 'string' ? resolved : /[:/]/.test(version) ? version : null };
}

/** Reads a lockfile of Yarn 1. Each package is a block that begins with the ranges that it satisfies. */
function readYarnLockfile(text: string): LockedPackage[] {
  return text.split(/\n(?=\S)/).flatMap((block) => {
    const [, name] = /^"?((?:@[^/@"]+\/)?[^@"\s]+)@/.exec(block) ?? [];
    const [, version] = /^ {2}version "?([^"\n]+)"?$/m.exec(block) ?? [];
    if (!name || !version) return [];
    return [{ name, version, source: /^ {2}resolved "?([^"\n]+)"?$/m.exec(block)?.[1] ?? null }];
  });
}

const ModernYarnLockfile = z.record(
  z.string(),
  z.object({ version: z.coerce.string().optional(), resolution: z.string().optional() }).catch({}),
);

function readModernYarnLockfile(text: string): LockedPackage[] {
  return Object.values(ModernYarnLockfile.catch({}).parse(readYaml(text))).flatMap(
    ({ version, resolution = '' }) => {
      const [, name, protocol, rest = ''] = /^((?:@[^/]+\/)?[^@/]+)@([^:]+:)?(.*)$/.exec(resolution) ?? [];
      if (!name || !version || protocol === 'workspace:') return [];
      const isPlain = protocol === undefined || protocol === 'npm:' || protocol === 'patch:';
      return [{ name, version, source: isPlain && !rest.includes('__archiveUrl') ? null : resolution }];
    },
  );
}

const PnpmLockfile = z.object({
  packages: z
    .record(
      z.string(),
      z.object({
        resolution: z.object({ tarball: z.string().optional(), repo: z.string().optional() }).catch({}),
      }),
    )
    .default({}),
});

function readPnpmLockfile(text: string): LockedPackage[] {
  const { packages } = PnpmLockfile.catch({ packages: {} }).parse(readYaml(text));
  return Object.entries(packages).flatMap(([key, { resolution }]) => {
    // The key is `name@1.0.0`, in older lockfiles `/name@1.0.0(peer@2.0.0)` or `/name/1.0.0_peer@2.0.0`.
    const [, name, version] = /^\/?((?:@[^/]+\/)?[^@/]+)[@/]([^(_]+)/.exec(key) ?? [];
    const source = resolution.repo ?? resolution.tarball ?? (name ? null : key);
    return [{ name: name ?? key, version: version ?? '', source }];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof YAMLParseError || error instanceof ReferenceError) return {};
    throw error;
  }
}
