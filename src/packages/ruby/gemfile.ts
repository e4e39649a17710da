import { type LockedPackage, PackageError, type Requirements } from '../ecosystem.js';

/** A gem that a line asks for. */
interface Gem {
  name: string;
  range: string;
  groups: string[];
}

interface Gemfile {
  gems: Gem[];
  /** All lines of code that do more than to ask for gems in the registry. */
  code: string[];
}

const maxLine = 1000;

/** A text without an escape or an interpolation. */
const text = `(?:"[\\w ./~<>=!+-]*"|'[\\w ./~<>=!+-]*')`;
const item = `(?::\\w+|${text}|true|false|nil)`;
const value = `(?:${item}|\\[ *${item}(?:, *${item})* *\\]|%[iw]\\[[\\w ]*\\])`;
const option = '(?:groups?|platforms?|require)';
const comment = '[ \\t]*(?:#.*)?';
const gemLine = new RegExp(
  `^[ \\t]*gem(?: +|\\( *)(["'])([a-zA-Z0-9][\\w.-]*)\\1((?:, *${text})*)((?:, *(?:${option}: *|:${option} *=> *)${value})*) *\\)?${comment}$`,
);
const dependencyLine = new RegExp(
  `^[ \\t]*(?:s|spec|gem|gemspec)\\.add_(runtime_|development_)?dependency(?: +|\\( *)(["'])([a-zA-Z0-9][\\w.-]*)\\2((?:, *${text})*) *\\)?${comment}$`,
);
const groupLine = new RegExp(`^[ \\t]*group(?: +|\\( *)(:\\w+(?:, *:\\w+)*) *\\)? +do${comment}$`);
const endLine = new RegExp(`^[ \\t]*end${comment}$`);
/** Ruby reads the whole file in the encoding that a comment names. */
const emptyLine = /^[ \t]*(?:#(?!.*coding).*)?$/;

/**
 * Reads a Gemfile or a gemspec without evaluating it. A group that contains nothing but gems in the registry
 * is no code.
 */
function parseGemfile(content: string): Gemfile {
  const parsed: Gemfile = { gems: [], code: [] };
  let groups: string[] = [];
  /** Whether the last line of code begins a group that contains only gems so far. */
  let isPlainGroup = false;
  for (const line of content.split(/\r?\n/)) {
    const isLong = line.length > maxLine;
    const gem = isLong ? null : readGem(line, groups);
    const [, names] = isLong ? [] : (groupLine.exec(line) ?? []);
    if (gem) parsed.gems.push(gem);
    else if (isLong || !emptyLine.test(line)) {
      const isEnd = endLine.test(line);
      if (isEnd && isPlainGroup) parsed.code.pop();
      else parsed.code.push(line);
      if (isEnd || names !== undefined) groups = listNames(names ?? '');
      isPlainGroup = names !== undefined;
    }
  }
  return parsed;
}

function readGem(line: string, groups: readonly string[]): Gem | null {
  const [, kind, , dependency, ranges = ''] = dependencyLine.exec(line) ?? [];
  if (dependency !== undefined)
    return {
      ...{ name: dependency, range: listVersions(ranges) },
      groups: kind === 'development_' ? ['development'] : [],
    };
  const [, , name, versions = '', options = ''] = gemLine.exec(line) ?? [];
  if (name === undefined) return null;
  const [, own = ''] = /groups?(?::| *=>) *(:\w+|[[%][^\]]*\])/.exec(options) ?? [];
  return { name, range: listVersions(versions), groups: own ? listNames(own) : [...groups] };
}

function listVersions(versions: string): string {
  const asked = [...versions.matchAll(/["']([^"']*)["']/g)].map(([, one = '']) => one.trim());
  return asked.join(', ') || '*';
}

function listNames(names: string): string[] {
  return names.replace(/^%[iw]/, '').match(/\w+/g) ?? [];
}

/**
 * Checks that a Gemfile differs from the base's only in gems of the registry, because it is a program. The
 * rest of it is written by people with write access.
 * @returns null if the file is new, so that nobody has checked its code
 * @throws PackageError if it differs in more
 */
export function makeGemfileSafe(path: string, content: string, baseContent: string | null): string | null {
  if (baseContent === null) return null;
  const [now, before] = [parseGemfile(content).code, parseGemfile(baseContent).code];
  const at = now.findIndex((line, index) => line !== before[index]);
  const other = at >= 0 ? now[at] : before[now.length];
  if (other === undefined) return content;
  const verb = at >= 0 ? 'contains' : 'lacks';
  throw new PackageError(
    `${path} ${verb} \`${other.trim().slice(0, 200)}\`, and only lines such as \`gem "name", "~> 1.0"\` can be added or removed.`,
  );
}

/**
 * Returns the base's gemspec with the dependencies of another one. A gemspec is a program too, but a change
 * can edit more of it, such as the version of the gem.
 */
export function mergeGemspec(baseContent: string, content: string): string {
  const isDependency = (line: string) => line.length <= maxLine && dependencyLine.test(line);
  const lines = baseContent.split(/\r?\n/);
  const first = lines.findIndex(isDependency);
  const place = first >= 0 ? first : lines.findLastIndex((line) => endLine.test(line));
  const wanted = content.split(/\r?\n/).filter(isDependency);
  const rest = lines.slice(place).filter((line) => !isDependency(line));
  return place < 0 ? baseContent : [...lines.slice(0, place), ...wanted, ...rest].join('\n');
}

export function hasSameGems(path: string, one: string, other: string): boolean {
  const [first, second] = [parseGemfile(one), parseGemfile(other)];
  const hasSameCode = isGemspec(path) || first.code.join('\n') === second.code.join('\n');
  return hasSameCode && JSON.stringify(first.gems) === JSON.stringify(second.gems);
}

export function isGemspec(path: string): boolean {
  return path.endsWith('.gemspec');
}

export function readGems(content: string): Requirements {
  return new Map(
    parseGemfile(content).gems.map(({ name, range, groups }) => [
      name,
      { range, dev: groups.length > 0 && groups.every((one) => one === 'development' || one === 'test') },
    ]),
  );
}

/** Matches where gems come from, such as `remote: https://…` or `revision: …`, and the version of Bundler. */
const sourceLine = /^ {2}[a-z]+: |^\s*\d[\w.-]*\s*$/i;

/**
 * Checks that a lockfile names no other source than the base's, and no other version of Bundler, which
 * Bundler would download and run.
 * @returns null if the file is new
 * @throws PackageError if it does
 */
export function makeLockfileSafe(path: string, content: string, baseContent: string | null): string | null {
  if (baseContent === null) return null;
  const list = (one: string) => one.split(/\r?\n/).filter((line) => sourceLine.test(line));
  const known = new Set(list(baseContent));
  const other = list(content).find((line) => !known.has(line));
  if (other === undefined) return content;
  throw new PackageError(
    `${path} contains \`${other.trim().slice(0, 200)}\`, and only packages from the sources of the base commit can be added.`,
  );
}

export function readGemLockfile(content: string): LockedPackage[] {
  // A platform can follow the version.
  const found = content.matchAll(/^ {4}([\w.-]+) \(([^)-]+)(?:-[^)]*)?\)\r?$/gm);
  return [...found].map(([, name = '', version = '']) => ({ name, version, source: null }));
}
