import path from 'node:path';
import { type LockedPackage, PackageError, type Requirements } from '../ecosystem.js';
import { folderOf } from '../paths.js';
import { includedFile, type Line, parseRequirements, type Requirement, splitLines } from './requirements.js';

export const manifests =
  /(?:^|\/)(?:[\w.-]*requirements[\w.-]*\.txt|requirements\/(?![\w.-]*constraints)[\w.-]+\.txt)$/i;
/** Files with constraints choose versions, and ask for no package. */
export const constraints = /(?:^|\/)(?:requirements\/)?[\w.-]*constraints[\w.-]*\.txt$/i;
const forDevelopment = /(?:^|[/_.-])(?:dev|development|tests?|testing|lint|docs?|ci)(?:[_.-]|requirements)/i;

const maxCharacters = 4_000_000;

/**
 * Checks that every line that the change adds asks for a registry package, or names another file of the
 * repository that is checked as well. Options could name another index, or make pip run code of a package.
 * @throws PackageError if it does not
 */
export function makeRequirementsSafe(file: string, text: string, baseText: string | null): string {
  if (text.length > maxCharacters) throw new PackageError(`${file} is too large to be checked.`);
  const known = new Set(parseRequirements(baseText ?? '').map(({ content }) => content));
  const isKnown = ({ content, requirement }: Line) =>
    content === '' || known.has(content) || requirement !== null || isOwnFile(file, content);
  const bad = parseRequirements(text).find((line) => !isKnown(line));
  if (bad)
    throw new PackageError(
      `${file} contains \`${bad.content.slice(0, 200)}\`, and only names and versions of packages in the registry can be added.`,
    );
  // pip would read the whole file in the encoding that such a comment names.
  const encoding = readEncoding(text);
  if (encoding !== null && encoding !== readEncoding(baseText ?? ''))
    throw new PackageError(`${file} names an encoding, and only UTF-8 can be checked.`);
  return text;
}

function readEncoding(text: string): string | null {
  const [comment = null] = /^.*coding[:=].*$/m.exec(splitLines(text).slice(0, 2).join('')) ?? [];
  return comment;
}

function isOwnFile(file: string, content: string): boolean {
  const target = resolveInclude(file, content);
  return target !== null && (manifests.test(target) || constraints.test(target));
}

/** Returns the path of the file that a line names with `-r` or `-c`; null if it is outside the repository. */
export function resolveInclude(file: string, content: string): string | null {
  const named = includedFile(content);
  if (named === null || named.startsWith('/')) return null;
  const target = path.posix.join(folderOf(file), named);
  return target.startsWith('../') ? null : target;
}

/** Returns the path of every file that a requirements file names with `-r` or `-c`. */
export function listIncludes(file: string, text: string): string[] {
  return parseRequirements(text).flatMap(({ content }) => resolveInclude(file, content) ?? []);
}

/** Returns whether two versions of a requirements file ask for the same packages. */
export function hasSameRequirements(one: string, other: string): boolean {
  const list = (text: string) =>
    parseRequirements(text)
      .map(({ content }) => content)
      .filter(Boolean)
      .sort()
      .join('\n');
  return list(one) === list(other);
}

export function readRequirements(file: string, text: string): Requirements {
  const dev = forDevelopment.test(file);
  const found = new Map<string, { range: string; dev: boolean }>();
  for (const { name, versions, marker } of listRequirements(text)) {
    const range = `${exactVersion(versions) ?? (versions || '*')}${marker && `; ${marker}`}`;
    const other = found.get(name)?.range;
    found.set(name, { range: other === undefined ? range : `${other} | ${range}`, dev });
  }
  return found;
}

export function readConstraints(text: string): LockedPackage[] {
  return listRequirements(text).flatMap(({ name, versions }) => {
    const version = exactVersion(versions);
    return version === null ? [] : [{ name, version, source: null }];
  });
}

export function listRequirements(text: string): Requirement[] {
  return parseRequirements(text).flatMap(({ requirement }) => requirement ?? []);
}

/** Returns whether a requirements file asks for a package from a URL or a repository. */
export function namesAddress(text: string): boolean {
  return parseRequirements(text).some(({ content }) => /^(?:-e|--editable|[^-]).*:\/\//.test(content));
}

function exactVersion(versions: string): string | null {
  return /^={2,3}([^,*]+)$/.exec(versions)?.[1] ?? null;
}

/**
 * Puts requirements into a requirements file. A package that the file already names keeps its place, its
 * condition and its comment. New packages go to their place in the alphabet if the file is sorted, otherwise
 * to the end.
 * @param written a file with the requirements to add
 */
export function mergeRequirements(text: string, written: string): string {
  return listRequirements(written).reduce(putRequirement, text);
}

function putRequirement(text: string, wanted: Requirement): string {
  const parsed = parseRequirements(text);
  const same = parsed.filter(({ requirement }) => requirement?.name === wanted.name);
  if (
    same.some(({ requirement }) => requirement && render(requirement, '', '\n') === render(wanted, '', '\n'))
  )
    return text;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const texts = splitLines(text);
  const [known, ...others] = same;
  if (known?.requirement && others.length === 0) {
    const marker = wanted.marker || known.requirement.marker;
    const [end = ''] = /[\r\n]*$/.exec(texts[known.end - 1] ?? '') ?? [];
    const line = render({ ...wanted, marker }, known.comment, lineEnd) + end;
    texts.splice(known.start, known.end - known.start, line);
    return texts.join('');
  }
  return insert(texts, render(wanted, '', lineEnd), findPlace(parsed, texts, wanted.name), lineEnd);
}

/** Returns the line before which a package belongs. */
function findPlace(parsed: readonly Line[], texts: readonly string[], name: string): number {
  const lines = parsed.flatMap(({ requirement, ...line }) =>
    requirement ? [{ ...line, name: requirement.name }] : [],
  );
  const isSorted =
    lines.length > 1 && lines.every((one, index) => one.name >= (lines[index - 1]?.name ?? ''));
  const next = isSorted ? lines.find((one) => one.name > name) : undefined;
  const before = next && lines[lines.indexOf(next) - 1];
  if (next && !before) return next.start;
  if (isSorted) {
    // Indented comments belong to the package above them.
    let place = (before ?? lines.at(-1))?.end ?? 0;
    while (/^[ \t]+#/.test(texts[place] ?? '')) place += 1;
    return place;
  }
  let end = texts.length;
  while (end > 0 && texts[end - 1]?.trim() === '') end -= 1;
  return end;
}

function insert(texts: string[], line: string, place: number, lineEnd: string): string {
  const before = texts.slice(0, place).join('');
  const after = texts.slice(place).join('');
  if (before === '' || /[\r\n]$/.test(before))
    // A backslash at the end of a file continues with the next line.
    return `${before}${/\\\r?\n$/.test(before) ? lineEnd : ''}${line}${lineEnd}${after}`;
  return `${before}${lineEnd}${line}${after}`;
}

function render(requirement: Requirement, comment: string, lineEnd: string): string {
  const { spelling, extras, versions, marker, hashes } = requirement;
  const asked = `${spelling}${extras}${versions}${marker && ` ; ${marker}`}`;
  const lines = [asked, ...hashes.map((one) => `    --hash=${one}`)].join(` \\${lineEnd}`);
  return `${lines}${comment && `  ${comment}`}`;
}
