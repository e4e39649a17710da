import { z } from 'zod';
import { type LockedPackage, PackageError, type Requirements } from '../ecosystem.js';
import { parseManifest } from '../node/node-manifest.js';

const sections = ['require', 'require-dev'] as const;
/** Further fields of a composer.json that choose packages. */
const choices = ['conflict', 'replace', 'provide', 'minimum-stability', 'prefer-stable', 'repositories'];

const Section = z.record(z.string(), z.unknown()).catch({});
const name = /^[a-z0-9][\w.-]*(?:\/[a-z0-9][\w.-]*)?$/i;
/** A `#` would name a commit, which can come from a fork. */
const range = /^[\w.*^~<>=!|,@/+ -]+$/;

/** Lists what a composer.json asks for, with the section as the first part of the key. */
function listRequirements(text: string): Map<string, { name: string; range: string; dev: boolean }> {
  const manifest = parseManifest(text) ?? {};
  const entries = sections.flatMap((section) =>
    Object.entries(Section.parse(manifest[section])).map(
      ([one, wanted]) =>
        [`${section} ${one}`, { name: one, range: String(wanted), dev: section === 'require-dev' }] as const,
    ),
  );
  return new Map(entries);
}

/** Reads the packages of a composer.json. Names without a slash are PHP itself and its extensions. */
export function readRequirements(text: string): Requirements {
  const all = [...listRequirements(text).values()].filter((one) => one.name.includes('/'));
  return new Map(all.map((one) => [one.name.toLowerCase(), { range: one.range, dev: one.dev }]));
}

/** Returns the names of the packages that two versions of a composer.json ask for differently. */
export function listChangedNames(one: string, other: string): string[] {
  const [first, second] = [readRequirements(one), readRequirements(other)];
  const names = new Set([...first.keys(), ...second.keys()]);
  return [...names].filter((each) => JSON.stringify(first.get(each)) !== JSON.stringify(second.get(each)));
}

export function hasSameRequirements(one: string, other: string): boolean {
  const pick = (text: string) => {
    const manifest = parseManifest(text) ?? {};
    return JSON.stringify([
      ...[...sections, ...choices].map((field) => manifest[field] ?? null),
      Section.parse(manifest.config).platform ?? null,
    ]);
  };
  return pick(one) === pick(other);
}

/**
 * Makes a copy of a composer.json without scripts, and with the settings of the base commit. Keeps all fields
 * over which the lockfile has a hash.
 * @throws PackageError if the file asks for a package from another place than the base commit
 */
export function makeManifestSafe(path: string, text: string, baseText: string | null): string | null {
  const manifest = parseManifest(text);
  if (!manifest) return null;
  const base = parseManifest(baseText ?? '') ?? {};
  if (JSON.stringify(manifest.repositories) !== JSON.stringify(base.repositories))
    throw new PackageError(
      `${path} changes \`repositories\`, and only packages from the repositories of the base commit can be added.`,
    );
  const known = listRequirements(baseText ?? '');
  for (const [key, one] of listRequirements(text))
    if (known.get(key)?.range !== one.range && !(name.test(one.name) && range.test(one.range)))
      throw new PackageError(
        `${path} asks for ${`${one.name} ${one.range}`.slice(0, 200)}, and only names and versions of packages in the registry can be added.`,
      );
  const { scripts: _, config, ...rest } = manifest;
  const { platform } = Section.parse(config);
  return JSON.stringify({ ...rest, config: { ...Section.parse(base.config), platform } }, null, 4);
}

/** Copies the sections with packages into the agent's composer.json. Keeps the text of everything else. */
export function mergeManifest(text: string, written: string): string {
  const [before, after] = [parseManifest(text) ?? {}, parseManifest(written) ?? {}];
  const isSame = (one: Record<string, unknown>, section: string) =>
    JSON.stringify(one[section]) === JSON.stringify(after[section]);
  const indent = /^\s*\{\s*?\n([ \t]+)"/.exec(text)?.[1] ?? '    ';
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  let merged = text;
  for (const section of sections) {
    if (isSame(before, section)) continue;
    const json = JSON.stringify(after[section] ?? {}, null, indent).replaceAll('\n', `${lineEnd}${indent}`);
    const place = new RegExp(`^(${indent}"${section}"\\s*:\\s*)(?:\\{[^{}]*\\}|\\[\\s*\\])`, 'm');
    const end = /\s*\}\s*$/;
    merged = place.test(merged)
      ? merged.replace(place, (_, start: string) => start + json)
      : merged.replace(end, (found) => `,${lineEnd}${indent}"${section}": ${json}${found}`);
  }
  const result = parseManifest(merged);
  if (result && sections.every((section) => isSame(result, section))) return merged;
  const asked = Object.fromEntries(sections.map((section) => [section, after[section]]));
  return `${JSON.stringify({ ...before, ...asked }, null, indent)}\n`;
}

const Entry = z.object({ name: z.string().regex(name), version: z.string() }).loose();
type Entry = z.infer<typeof Entry>;
const Lockfile = z.object({
  'content-hash': z.string().optional(),
  packages: z.array(Entry),
  'packages-dev': z.array(Entry).nullish(),
});

function parseLockfile(text: string): z.infer<typeof Lockfile> | null {
  return Lockfile.safeParse(parseManifest(text)).data ?? null;
}

function listEntries(text: string): Entry[] {
  const lockfile = parseLockfile(text);
  return lockfile ? [...lockfile.packages, ...(lockfile['packages-dev'] ?? [])] : [];
}

export function readLockfile(text: string): LockedPackage[] {
  return listEntries(text).map((one) => ({
    name: one.name.toLowerCase(),
    version: one.version,
    source: null,
  }));
}

/** Returns the versions of these packages in a lockfile, such as `monolog/monolog:3.0.0`. */
export function listPins(text: string, names: ReadonlySet<string>): string[] {
  const locked = readLockfile(text).filter((one) => names.has(one.name) && range.test(one.version));
  return locked.map((one) => `${one.name}:${one.version}`);
}

/** Returns the names of packages of a lockfile that the base's does not contain in exactly this form. */
export function listChangedEntries(text: string, baseText: string): string[] {
  const known = new Set(listEntries(baseText).map((one) => JSON.stringify(one)));
  const changed = listEntries(text).filter((one) => !known.has(JSON.stringify(one)));
  return changed.map((one) => one.name.toLowerCase());
}

/**
 * Makes a copy of the base's lockfile without the packages that the change changes. Composer then asks the
 * registry where these come from, because the change could name any address.
 * @returns null if the base has no lockfile
 */
export function makeLockfileSafe(path: string, text: string, baseText: string | null): string | null {
  const base = parseManifest(baseText ?? '');
  if (!base) return null;
  const lockfile = parseLockfile(text);
  if (!lockfile) throw new PackageError(`${path} is not a lockfile that can be checked.`);
  const kept = new Set(listEntries(text).map((one) => JSON.stringify(one)));
  const filter = (entries: unknown) =>
    Array.isArray(entries) ? entries.filter((one) => kept.has(JSON.stringify(one))) : entries;
  return JSON.stringify(
    {
      ...base,
      'content-hash': lockfile['content-hash'],
      packages: filter(base.packages),
      'packages-dev': filter(base['packages-dev']),
    },
    null,
    4,
  );
}

/**
 * Returns the lockfile that Composer has written, or the agent's if it contains the same.
 * @throws PackageError if the agent's takes a package from another place than Composer does
 */
export function mergeLockfile(path: string, text: string, written: string): string {
  const sourceOf = ({ source, dist }: Entry) => JSON.stringify([source, dist]);
  const found = new Map(listEntries(written).map((one) => [`${one.name} ${one.version}`, one]));
  for (const one of listEntries(text)) {
    const other = found.get(`${one.name} ${one.version}`);
    if (other && sourceOf(other) !== sourceOf(one))
      throw new PackageError(
        `${path} takes ${one.name} ${one.version} from another place than the registry: ${sourceOf(one).slice(0, 300)}`,
      );
  }
  return JSON.stringify(parseLockfile(text)) === JSON.stringify(parseLockfile(written)) ? text : written;
}
