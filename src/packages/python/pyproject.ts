import { isDeepStrictEqual } from 'node:util';
import { PackageError, type Requirements } from '../ecosystem.js';
import { normalizeName, parseRequirement } from './requirements.js';
import { asList, asTable, getValue, putItem, putValue, readToml, type Table, writeToml } from './toml.js';

/** A place in a pyproject.toml that asks for packages. */
interface Section {
  table: string[];
  key: string;
  /** Whether only developers need the packages. */
  dev: boolean;
}

/** What a place in a pyproject.toml asks for. */
interface Request {
  section: Section;
  /** The name as the registry compares it; null if the request names no package. */
  name: string | null;
  /** The key in a table of Poetry; null for an item of a list. */
  key: string | null;
  value: unknown;
}

const forDevelopment = /^(?:dev|develop|development|tests?|testing|lint|docs?|ci)$/i;
/** Groups of optional dependencies that the set-up installs (python-project.ts). */
const installed = /^(?:dev|tests?|testing)$/;
/** Lists of uv that ask for packages, or choose their versions. */
const listsOfUv = ['dev-dependencies', 'constraint-dependencies', 'override-dependencies'];
const switchesOfUv = ['package', 'default-groups'];

/** Limits for edits, because each of them reads the whole file. */
const maxMerged = 100;
const maxEdited = 400_000;

/** Returns the places with lists of requirements as in PEP 508. */
function findLists(document: Table): Section[] {
  const extras = Object.keys(asTable(getValue(document, ['project', 'optional-dependencies'])));
  const groups = Object.keys(asTable(document['dependency-groups']));
  return [
    { table: ['project'], key: 'dependencies', dev: false },
    ...extras.map((key) => ({
      ...{ table: ['project', 'optional-dependencies'], key, dev: forDevelopment.test(key) },
    })),
    ...groups.map((key) => ({ table: ['dependency-groups'], key, dev: true })),
    ...listsOfUv.map((key) => ({ table: ['tool', 'uv'], key, dev: true })),
  ];
}

/** Returns the tables of Poetry, in which a key is the name of a package. */
function findTables(document: Table): Section[] {
  const poetry = ['tool', 'poetry'];
  const groups = Object.keys(asTable(getValue(document, [...poetry, 'group'])));
  return [
    { table: poetry, key: 'dependencies', dev: false },
    { table: poetry, key: 'dev-dependencies', dev: true },
    ...groups.map((one) => ({ table: [...poetry, 'group', one], key: 'dependencies', dev: true })),
  ];
}

function listRequests(document: Table): Request[] {
  const read = ({ table, key }: Section) => getValue(document, [...table, key]);
  const ofLists = findLists(document).flatMap((section) =>
    asList(read(section)).map((value) => {
      const requirement = typeof value === 'string' ? parseRequirement(value) : null;
      return { section, name: requirement?.name ?? null, key: null, value };
    }),
  );
  const ofTables = findTables(document).flatMap((section) =>
    Object.entries(asTable(read(section))).map(([key, value]) => ({
      ...{ section, name: key === 'python' ? null : normalizeName(key), key, value },
    })),
  );
  return [...ofLists, ...ofTables];
}

/** Returns whether a request asks for a registry package, or names another group of the same file. */
function isPlain({ key, value }: Request): boolean {
  if (key !== null) return /^[a-z0-9][\w.-]*$/i.test(key) && isPoetryRange(value);
  if (typeof value === 'string') return parseRequirement(value) !== null;
  return isDeepStrictEqual(Object.keys(asTable(value)), ['include-group']);
}

const poetryRange = /^[\w.^~<>=!|*+, -]*$/;
const poetryKeys =
  /^(?:version|extras|markers|python|platform|optional|allow-prereleases|allows-prereleases|source)$/;

function isPoetryRange(value: unknown): boolean {
  if (typeof value === 'string') return poetryRange.test(value);
  if (Array.isArray(value)) return value.every(isPoetryRange);
  const { version, ...others } = asTable(value);
  return poetryRange.test(String(version)) && Object.keys(others).every((key) => poetryKeys.test(key));
}

const common = ['name', 'version', 'dependencies'];
const keysOfProject = [...common, 'requires-python', 'optional-dependencies', 'dynamic'];
const keysOfPoetry = [...common, 'package-mode', 'dev-dependencies', 'group', 'extras', 'source'];

/**
 * Returns the parts of a pyproject.toml from which packages are chosen.
 * @param more other keys that Poetry insists on
 */
function pickRelevant(document: Table, more: readonly string[] = []): Table {
  const { project, tool, 'dependency-groups': groups, 'build-system': build } = document;
  const { poetry, uv } = asTable(tool);
  return {
    project: pick(project, keysOfProject),
    'dependency-groups': groups,
    // Without this table, uv does not build the project. A build needs more than what is kept of it.
    'build-system': build === undefined ? undefined : { requires: [] },
    tool: { poetry: pick(poetry, [...keysOfPoetry, ...more]), uv },
  };
}

function pick(value: unknown, keys: readonly string[]): Table | undefined {
  if (value === undefined) return undefined;
  const entries = Object.entries(asTable(value)).filter(([key]) => keys.includes(key));
  return Object.fromEntries(entries);
}

/** Returns the settings that can name indexes and other sources of packages. */
function pickSettings(document: Table): Table {
  const { poetry, uv } = asTable(document.tool);
  const ofUv = Object.entries(asTable(uv)).filter(([key]) => ![...listsOfUv, ...switchesOfUv].includes(key));
  return { 'tool.poetry': pick(poetry ?? {}, ['source']), 'tool.uv': Object.fromEntries(ofUv) };
}

/**
 * Makes a copy of a pyproject.toml without anything that a package manager would run.
 * @throws PackageError if the file asks for a package from another place than the registry
 */
export function makePyprojectSafe(file: string, text: string, baseText: string | null): string {
  const document = readToml(text);
  const base = readToml(baseText ?? '');
  const known = listRequests(base);
  const isKnown = (one: Request) =>
    known.some(({ key, value }) => isDeepStrictEqual([key, value], [one.key, one.value]));
  const bad = listRequests(document).find((one) => !isPlain(one) && !isKnown(one));
  if (bad)
    throw new PackageError(
      `${file} contains \`${JSON.stringify(bad.key === null ? bad.value : { [bad.key]: bad.value }).slice(0, 200)}\`, and only names and versions of packages in the registry can be added.`,
    );
  const [before, after] = [pickSettings(base), pickSettings(document)];
  const changed = Object.keys(after).find((name) => !isDeepStrictEqual(after[name], before[name]));
  if (changed)
    throw new PackageError(
      `${file} changes settings in [${changed}], which can name other places than the registry. Only packages can be added.`,
    );
  return writeToml(pickRelevant(document, ['description', 'authors']));
}

/** Returns whether two versions of a pyproject.toml ask for the same packages. */
export function hasSameProject(one: string, other: string): boolean {
  return isDeepStrictEqual(pickRelevant(readToml(one)), pickRelevant(readToml(other)));
}

export function readProject(text: string): Requirements {
  const found = new Map<string, { range: string; dev: boolean }>();
  for (const { section, name, key, value } of listRequests(readToml(text))) {
    if (name === null || /^(?:constraint|override)-/.test(section.key)) continue;
    const range = key === null ? describeRequirement(String(value)) : describeRange(value);
    const other = found.get(name);
    found.set(name, {
      range: other === undefined || other.range === range ? range : `${other.range} | ${range}`,
      dev: section.dev && (other?.dev ?? true),
    });
  }
  return found;
}

function describeRequirement(text: string): string {
  const { versions = '', marker = '' } = parseRequirement(text) ?? {};
  return `${versions || '*'}${marker && `; ${marker}`}`;
}

/** @param value as Poetry writes it */
function describeRange(value: unknown): string {
  if (Array.isArray(value)) return value.map(describeRange).join(' | ');
  return String(typeof value === 'string' ? value : (asTable(value).version ?? '*'));
}

/** Returns the URLs of the indexes that a pyproject.toml names. */
export function listIndexes(text: string): string[] {
  const { poetry, uv } = asTable(readToml(text).tool);
  const tables = [...asList(asTable(poetry).source), ...asList(asTable(uv).index)];
  const urls = [...tables.map((one) => asTable(one).url), asTable(uv)['index-url']];
  const more = asList(asTable(uv)['extra-index-url']);
  return [...urls, ...more].filter(
    (one): one is string => typeof one === 'string' && /^https?:\/\/\S+$/.test(one),
  );
}

/** Returns the requirements that pip installs with a project; null if pip installs no project. */
export function listProjectRequirements(text: string): string[] | null {
  const document = readToml(text);
  if (document.project === undefined) return null;
  return listRequests(document).flatMap(({ section: { table, key }, value }) => {
    const isInstalled =
      table.join('.') === 'project' ||
      (table.join('.') === 'project.optional-dependencies' && installed.test(key));
    return isInstalled && typeof value === 'string' ? [value] : [];
  });
}

/** Returns the table and the key to which a requirement of pip is added. */
export function chooseSection(text: string, dev: boolean): [string, string] {
  if (!dev) return ['project', 'dependencies'];
  const extras = Object.keys(asTable(getValue(readToml(text), ['project', 'optional-dependencies'])));
  return ['project.optional-dependencies', extras.find((one) => installed.test(one)) ?? 'dev'];
}

/**
 * Puts requests into a pyproject.toml, and keeps the rest of the text.
 * @param written a pyproject.toml with the requests to add
 * @throws PackageError if the text is written in a way that cannot be edited
 */
export function mergeProject(text: string, written: string): string {
  const describe = ({ section, key, value }: Request) =>
    JSON.stringify([section.table, section.key, key, value]);
  const known = new Set(listRequests(readToml(text)).map(describe));
  const missing = listRequests(readToml(written)).filter((one) => !known.has(describe(one)));
  if (missing.length > maxMerged || text.length > maxEdited)
    throw new PackageError('pyproject.toml is too large to be edited.');
  return missing.reduce(putRequest, text);
}

function putRequest(text: string, { section, name, key, value }: Request): string {
  const path = [...section.table, section.key];
  const before = getValue(readToml(text), path);
  if (key !== null) {
    const table = asTable(before);
    const known = Object.keys(table).find((one) => normalizeName(one) === normalizeName(key)) ?? key;
    if (isDeepStrictEqual(table[known], value)) return text;
    return checkEdit(text, path, { ...table, [known]: value }, putValue(text, path, known, value));
  }
  const list = asList(before);
  if (typeof value !== 'string' || list.includes(value)) return text;
  const isSame = (one: unknown) => typeof one === 'string' && parseRequirement(one)?.name === name;
  const [replaced, another] = list.filter(isSame);
  const expected = replaced === undefined ? [...list, value] : list.map((one) => (isSame(one) ? value : one));
  const edited = putItem(text, section.table, section.key, value, isSame);
  return checkEdit(text, path, another === undefined ? expected : null, edited);
}

/** Checks that an edit changed one value only. */
function checkEdit(text: string, path: readonly string[], value: unknown, edited: string): string {
  const expected = readToml(text);
  let table = expected;
  // Such a table has no keys of its own, whatever the name of a key is.
  for (const key of path.slice(0, -1)) {
    table[key] ??= Object.create(null);
    table = table[key] as Table;
  }
  table[path.at(-1) ?? ''] = value;
  if (isDeepStrictEqual(readToml(edited), readToml(writeToml(expected)))) return edited;
  throw new PackageError(
    `pyproject.toml cannot be edited at ${path.join('.')}. Edit it, then call the tool without packages.`,
  );
}
