import semver from 'semver';
import { preference, readImage } from '../images.js';
import { asList, asMap, asText, type Values } from '../values.js';
import { evaluateValue, interpolate, type Lookup } from './expressions.js';

const maxCombinations = 256;
const maxAxes = 50;
/** Stands for each value of a list that only GitHub knows. It is an expression that nobody can evaluate. */
const unknownValue = `\${{ needs }}`;

/**
 * Lists the combinations of a job's matrix, the one to prefer first. A job without a matrix has one empty
 * combination.
 * @param nodeRange the versions of Node that the package.json accepts, or null
 * @returns null if the matrix comes from another job, so that only GitHub knows it
 */
export function listCombinations(job: Values, lookup: Lookup, nodeRange: string | null): Values[] | null {
  const { matrix: written } = asMap(job.strategy);
  if (written === undefined || written === null) return [{}];
  const matrix = typeof written === 'string' ? evaluateValue(written, lookup) : written;
  if (typeof matrix !== 'object' || matrix === null) return null;
  const { include, exclude, ...axes } = asMap(matrix);
  const read = Object.entries(axes).flatMap(([name, values]) => {
    const list = readList(values, lookup);
    return list ? [[name, list] as const] : [];
  });
  const names = read.map(([name]) => name);
  const unknown = Object.keys(axes).filter((name) => !names.includes(name));
  if (unknown.length > 0 && read.length === 0) return null;
  const known = [...read, ...unknown.map((name) => [name, [unknownValue]] as const)].slice(0, maxAxes);
  const product = known.reduce<Values[]>(multiply, known.length > 0 ? [{}] : []);
  const excluded = (readList(exclude, lookup) ?? []).slice(0, maxCombinations).map(asMap);
  const kept = product.filter(
    (one) => !excluded.some((pattern) => matches(one, pattern, Object.keys(pattern))),
  );
  const all = addIncluded(kept, (readList(include, lookup) ?? []).map(asMap), names);
  return rank(dropShards(all.length > 0 ? all : [{}]), nodeRange);
}

function readList(value: unknown, lookup: Lookup): readonly unknown[] | null {
  const list = typeof value === 'string' ? evaluateValue(value, lookup) : value;
  if (list === undefined && value !== undefined) return null;
  return asList(list).map((item) => (typeof item === 'string' ? interpolate(item, lookup).text : item));
}

function multiply(combinations: Values[], [name, values]: readonly [string, readonly unknown[]]): Values[] {
  const some = values.slice(0, maxCombinations);
  return combinations
    .flatMap((one) => some.map((value) => ({ ...one, [name]: value })))
    .slice(0, maxCombinations);
}

function matches(combination: Values, pattern: Values, names: readonly string[]): boolean {
  return names.every((name) => JSON.stringify(combination[name]) === JSON.stringify(pattern[name]));
}

/** An entry of `include` extends the combinations that it does not contradict, or else is one itself. */
function addIncluded(
  combinations: Values[],
  included: readonly Values[],
  names: readonly string[],
): Values[] {
  let all = combinations;
  const added: Values[] = [];
  for (const entry of included.slice(0, maxCombinations)) {
    const shared = names.filter((name) => name in entry);
    const isExtension = combinations.length > 0 && all.some((one) => matches(one, entry, shared));
    if (isExtension) all = all.map((one) => (matches(one, entry, shared) ? { ...one, ...entry } : one));
    else added.push(entry);
  }
  return [...all, ...added];
}

const shardName =
  /^(?:shards?|shard[-_]?(?:index|number|id)|group|index|chunk|part|partition|bucket|split|slice|(?:ci_)?node_index)$/i;

/** Keeps one of the combinations that only run another part of the same tests. */
function dropShards(combinations: readonly Values[]): Values[] {
  const seen = new Map<string, Values>();
  for (const one of combinations) {
    const rest = Object.entries(one).filter(([name]) => !shardName.test(name));
    const key = JSON.stringify(rest);
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}

/** The texts of one name in all combinations, each with its version. */
type Versions = Map<string, readonly number[] | null>;

function rank(combinations: readonly Values[], nodeRange: string | null): Values[] {
  const flat = combinations.map((one) => ({ one, texts: flatten(one) }));
  const versions = new Map<string, Versions>();
  for (const [name, text] of flat.flatMap(({ texts }) => texts)) {
    const known = versions.get(name) ?? new Map();
    versions.set(name, known.set(text, readVersion(text)));
  }
  const scored = flat.map(({ one, texts }) => {
    const scores = texts.map(([name, text]) => score(name, text, versions.get(name) ?? new Map(), nodeRange));
    return { one, score: scores.reduce((sum, next) => sum + next, 0) };
  });
  // The sort is stable: of equal ones, the first one in the file comes first.
  return scored.sort((a, b) => b.score - a.score).map(({ one }) => one);
}

/** The scalars of a combination, also those in maps such as `{ db: { image: postgres } }`. */
function flatten(values: Values, prefix = '', depth = 0): [name: string, text: string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] => {
    const text = asText(value);
    if (text !== null) return [[prefix + name, text]];
    return depth < 3 ? flatten(asMap(value), `${prefix}${name}.`, depth + 1) : [];
  });
}

const unstable =
  /nightly|alpha|beta|(?:^|[-.\d])rc\d*|canary|\bnext\b|-dev\b|^dev$|\bhead\b|^main$|^master$|\bedge\b|experimental|preview|pypy|jruby|truffleruby|graalpy|snapshot|-ea\b|^tip$|[\dt]t$/i;
const versionName =
  /version|node|python|java|jdk|^go$|golang|ruby|php|postgres|pg|mysql|maria|redis|mongo|elastic|deno|bun|dotnet|rust|toolchain|image/i;
const longTermJava = new Set([8, 11, 17, 21, 25]);

/** How well a value fits. A newer version is better, except if it is not stable. */
function score(name: string, text: string, all: Versions, nodeRange: string | null): number {
  if (/^(?:windows|macos|mac-|win)/i.test(text)) return -1000;
  let points = unstable.test(text) ? -50 : 0;
  if (/experimental|continue|allow.?fail/i.test(name) && text === 'true') points -= 100;
  if (/^(?:prefer-)?(?:lowest|min|minimum|oldest)/i.test(text)) points -= 20;
  points += scoreDatabase(text);
  if (!versionName.test(name) || points < 0) return points;
  if (/^(?:lts\/\*|lts|stable|latest|current)$/i.test(text)) return points + 9;
  const version = readVersion(text);
  if (version === null) return points;
  const older = [...all.values()].filter((one) => isOlder(one, version));
  // A matrix can have dozens of versions. The newest of them must not outweigh everything else.
  points += older.length * Math.min(1, 10 / all.size);
  const [major = 0] = version;
  if (/node/i.test(name)) {
    if (major % 2 === 1) points -= 15;
    if (nodeRange && semver.validRange(text) && !semver.intersects(text, nodeRange)) points -= 30;
  }
  if (/java|jdk/i.test(name) && !longTermJava.has(major)) points -= 15;
  return points;
}

/** Of several databases, the most common one comes first. That weighs less than a version. */
function scoreDatabase(text: string): number {
  const name = text.toLowerCase().replace(/^pg$/, 'postgres');
  return /^[a-z]+$/.test(name) ? preference[readImage(name).kind] / 10 : 0;
}

function readVersion(text: string): number[] | null {
  const found = /(\d+(?:\.\d+){0,2})(?:\.x|\.\*)?(?:-[a-z]+)?$/.exec(text)?.[1];
  return found ? found.split('.').map(Number) : null;
}

function isOlder(a: readonly number[] | null, b: readonly number[]): boolean {
  for (let at = 0; a && at < 3; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
