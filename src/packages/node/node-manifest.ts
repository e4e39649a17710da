import { z } from 'zod';
import { PackageError, type Requirements } from '../ecosystem.js';

type Manifest = Record<string, unknown>;

const Section = z.record(z.string(), z.string()).catch({});

/** Sections of a package.json that name packages. */
const sections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;
/** Settings of a package.json that choose other versions of packages. */
const replacements = ['overrides', 'resolutions', 'pnpm', 'dependenciesMeta'] as const;

const range = '[\\w.^~<>=|*+ -]*';
const name = '(?:@[\\w.~-]+\\/)?[\\w.~-]+';
/** A version range, a tag, an alias of a registry package, or a package of the same repository. */
const plainRange = new RegExp(
  `^(?:${range}|npm:${name}(?:@${range})?|(?:workspace|catalog):${range}|(?:file|link|portal):\\.{1,2}/[\\w./@-]*)$`,
);

/** @returns null if the text is not a JSON object */
export function parseManifest(text: string): Manifest | null {
  try {
    const manifest: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)
      ? (manifest as Manifest)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function readRequirements(text: string): Requirements {
  const manifest = parseManifest(text) ?? {};
  const found = new Map<string, { range: string; dev: boolean }>();
  for (const section of ['devDependencies', 'optionalDependencies', 'dependencies'])
    for (const [one, wanted] of Object.entries(Section.parse(manifest[section])))
      found.set(one, { range: wanted, dev: section === 'devDependencies' });
  return found;
}

/** Returns whether two versions of a package.json ask for the same packages. */
export function hasSameRequirements(one: string, other: string): boolean {
  const [first, second] = [parseManifest(one) ?? {}, parseManifest(other) ?? {}];
  return [...sections, ...replacements, 'workspaces'].every(
    (section) => JSON.stringify(first[section]) === JSON.stringify(second[section]),
  );
}

/**
 * Makes a copy of a package.json without anything that a package manager would run. The scripts keep their
 * names, because npm writes into the lockfile whether a package has install scripts.
 * @throws PackageError if the file asks for a package from another place than the registry
 */
export function makeManifestSafe(path: string, text: string, baseText: string | null): string | null {
  const manifest = parseManifest(text);
  if (!manifest) return null;
  const base = (baseText === null ? null : parseManifest(baseText)) ?? {};
  const known = new Set([...sections, ...replacements].flatMap((section) => listTexts(base[section])));
  for (const section of [...sections, ...replacements])
    for (const one of listTexts(manifest[section]))
      if (!known.has(one) && !plainRange.test(one))
        throw new PackageError(
          `${path} asks for a package from ${one}, and only packages from the registry can be added.`,
        );
  const { scripts, ...rest } = manifest;
  const names = typeof scripts === 'object' && scripts !== null ? Object.keys(scripts) : [];
  return JSON.stringify(
    {
      ...rest,
      ...(names.length > 0 && { scripts: Object.fromEntries(names.map((one) => [one, 'true'])) }),
      // A package manager would download and run the version that this field names.
      packageManager: base.packageManager,
      devEngines: base.devEngines,
    },
    null,
    2,
  );
}

/** Copies the sections with packages into the agent's package.json. Keeps its order and its indentation. */
export function mergeSections(text: string, written: string): string {
  const manifest = parseManifest(text) ?? {};
  const changed = parseManifest(written) ?? {};
  for (const section of sections) {
    if (changed[section] === undefined) delete manifest[section];
    else manifest[section] = changed[section];
  }
  const indent = /^\s*\{\s*?\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  const json = `${JSON.stringify(manifest, null, indent)}${/\n\s*$/.test(text) ? '\n' : ''}`;
  return `${text.startsWith('\uFEFF') ? '\uFEFF' : ''}${text.includes('\r\n') ? json.replaceAll('\n', '\r\n') : json}`;
}

/** Lists all texts within a JSON value. */
function listTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
}
