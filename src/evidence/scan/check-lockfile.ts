import path from 'node:path';
import type { Finding } from '../evidence.js';
import { mark } from './findings.js';

/** A manifest, and the lockfiles that can be in the same folder. */
interface Ecosystem {
  /** Lists dependencies that the manifest declares. Leaves out those that a lockfile need not contain. */
  listDependencies(manifest: string): string[];
  /** For each lockfile, whether it contains a dependency that the manifest lists. */
  lockfiles: Readonly<Record<string, (lockfile: string, dependency: string) => boolean>>;
}

const ecosystems: Readonly<Record<string, Ecosystem>> = {
  'composer.json': {
    // Names without a slash are platform packages, such as `php` and `ext-json`.
    listDependencies: (text) =>
      keysOf(parseJson(text), ['require', 'require-dev']).filter((name) => name.includes('/')),
    lockfiles: { 'composer.lock': (text, name) => text.toLowerCase().includes(`"${name.toLowerCase()}"`) },
  },
  'go.mod': {
    listDependencies: listGoModules,
    lockfiles: { 'go.sum': (text, module) => matches(text, module, (literal) => `^${literal} `) },
  },
  'Cargo.toml': {
    listDependencies: listCrates,
    lockfiles: { 'Cargo.lock': isTomlPackage },
  },
  'pyproject.toml': {
    listDependencies: listPythonPackages,
    lockfiles: { 'poetry.lock': isTomlPackage, 'uv.lock': isTomlPackage },
  },
  Gemfile: {
    listDependencies: (text) => capture(text, /^[ \t]*gem[ (][ \t]*["']([\w.-]+)["']/gm),
    lockfiles: {
      'Gemfile.lock': (text, name) => matches(text, name, (literal) => `^ +${literal}(?:[ !]|$)`),
    },
  },
};

export function isDependencyManifest(file: string): boolean {
  return path.posix.basename(file) in ecosystems;
}

/**
 * Finds dependencies that a change adds to a manifest, but that no lockfile in the same folder contains. An
 * installation from the lockfile then fails or lacks these dependencies.
 * @param before the text of the manifest before the change; null if the change adds the manifest
 * @param readFile reads a file of the change; null if there is no such file
 */
export async function checkLockfile(
  file: string,
  before: string | null,
  after: string,
  readFile: (file: string) => Promise<string | null>,
): Promise<Finding[]> {
  const ecosystem = ecosystems[path.posix.basename(file)];
  if (!ecosystem) return [];
  const known = new Set(before === null ? [] : ecosystem.listDependencies(before));
  const added = ecosystem.listDependencies(after).filter((name) => !known.has(name));
  if (added.length === 0) return [];
  const lockfiles: { name: string; contains: (dependency: string) => boolean }[] = [];
  for (const [name, contains] of Object.entries(ecosystem.lockfiles)) {
    const text = await readFile(path.posix.join(path.posix.dirname(file), name));
    if (text !== null) lockfiles.push({ name, contains: (dependency) => contains(text, dependency) });
  }
  const missing = added.filter((name) => !lockfiles.some(({ contains }) => contains(name)));
  if (lockfiles.length === 0 || missing.length === 0) return [];
  const names = lockfiles.map(({ name }) => name).join(' or ');
  const says = `requires packages that are not in ${names}: ${missing.slice(0, maxNamed).join(', ')}`;
  return [mark('lockfile', file, says)];
}

const maxNamed = 10;

type Json = Readonly<Record<string, unknown>>;

/** @returns {} if the text is not a JSON object */
function parseJson(text: string): Json {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function keysOf(value: Json, fields: readonly string[]): string[] {
  return fields.flatMap((field) => Object.keys(value[field] ?? {}));
}

function listGoModules(text: string): string[] {
  const replaced = new Set(capture(text, /^(?:replace)?[ \t]+(\S+)(?: v\S+)? => /gm));
  const required = capture(text, /^(?:require)?[ \t]+(\S+) v\d\S*(?: *\/\/.*)?$/gm);
  return required.filter((name) => !replaced.has(name));
}

function listCrates(text: string): string[] {
  const packages = new Map<string, string>();
  for (const { section, key, value } of readToml(text)) {
    const [isList, table] =
      /^(?:target\..+\.)?(?:dev-|build-)?dependencies(?:\.([\w-]+))?$/.exec(section) ?? [];
    const name = table ?? key;
    // A crate can have another name in the code than in the registry.
    const renamed = /\bpackage\s*=\s*"([^"]+)"/.exec(table ? `${key} = ${value}` : value)?.[1];
    if (isList !== undefined) packages.set(name, renamed ?? packages.get(name) ?? name);
  }
  return [...packages.values()];
}

function listPythonPackages(text: string): string[] {
  const poetry = readToml(text).flatMap(({ section, key }) =>
    /^tool\.poetry\.(?:group\.[\w-]+\.|dev-)?dependencies$/.test(section) && key !== 'python' ? key : [],
  );
  const project = text.split(/^\[/m).find((section) => section.startsWith('project]')) ?? '';
  const withoutComments = project.replace(/(^|[ \t])#.*$/gm, '');
  const list = /^dependencies *= *\[((?:[^\]"']|"[^"]*"|'[^']*')*)\]/m.exec(withoutComments)?.[1] ?? '';
  const requirements = [...list.matchAll(/"([^"]*)"|'([^']*)'/g)].map(([, one, other]) => one ?? other ?? '');
  return [...poetry, ...requirements.flatMap((one) => /^[\w.-]+/.exec(one.trim())?.[0] ?? [])];
}

const maxLine = 1000;

/** Reads the lines of a TOML file that consist of a key and a value, or of the beginning of a value. */
function readToml(text: string): { section: string; key: string; value: string }[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    if (line.length > maxLine) return [];
    const header = /^\s*\[([^[\]]+)\]/.exec(line)?.[1];
    section = header?.trim() ?? section;
    const [, key, value = ''] = /^\s*"?([\w-]+)"?[\w.-]*\s*=(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : { section, key, value };
  });
}

/** Whether a lockfile in TOML lists a package. Registries treat `-`, `_` and `.` in names alike. */
function isTomlPackage(text: string, name: string): boolean {
  const normalize = (one: string) => one.toLowerCase().replace(/[-_.]+/g, '-');
  return capture(text, /^name = "([^"]+)"/gm).some((one) => normalize(one) === normalize(name));
}

function capture(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, captured = '']) => captured);
}

/** @param pattern builds a pattern around the name */
function matches(text: string, name: string, pattern: (literal: string) => string): boolean {
  return new RegExp(pattern(name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')), 'm').test(text);
}
