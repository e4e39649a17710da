import { stripEscapes } from '../../../text/strip-escapes.js';
import type { TestCase } from '../../evidence.js';
import type { ParsedReport } from '../runner.js';
import { type Reported, type ReportedCase, relativePath, testCase } from './test-case.js';

/** A test point, such as `ok 3 - adds`, with the points of its subtest. */
interface Point {
  name: string;
  outcome: TestCase['outcome'];
  /** The lines below the point that describe a failure. */
  details: string[];
  inner: Point[];
  /** The last comment above the point. In tape's results, it is the name of the test. */
  comment: string | null;
}

/** Maximum length of a line. Longer lines are no test points. */
const maxLine = 2000;
const maxDepth = 20;
const point = /^(not )?ok\b(?: +\d+)?(?: +-)?(?: +(.*))?$/;

/**
 * Reads results in the Test Anything Protocol (TAP), versions 12 to 14. Points of subtests are tests. If a
 * subtest contains only assertions, the subtest is the test. Without subtests, the points below a comment are
 * one test, as in the output of tape.
 * @param folder the folder in which the tests ran
 */
export function parseTap(text: string, folder: string): ParsedReport {
  const { points, isPlanned, file } = readPoints(text);
  const isNested = points.some(({ inner }) => inner.length > 0);
  const unloaded = points.flatMap((one) => readUnloaded(one, folder));
  const tests = points.filter((one) => readUnloaded(one, folder).length === 0);
  const cases = isNested
    ? tests.flatMap((one) => readFile(one, folder))
    : readGroups(tests, file && relativePath(file, folder));
  return { cases: [...unloaded, ...cases], ended: isPlanned };
}

/** Reads every text in TAP that a command printed. Each process that tests prints one of its own. */
export function parsePrintedTap(printed: string, folder: string): ParsedReport[] {
  return stripEscapes(printed)
    .split(/^(?=TAP version \d+\r?$)/m)
    .filter((text) => text.startsWith('TAP version '))
    .map((text) => parseTap(text, folder));
}

function readPoints(text: string): { points: Point[]; isPlanned: boolean; file: string | null } {
  /** The points of each level that belong to no parent yet. */
  const levels: Point[][] = [[]];
  /** Points whose subtest follows in braces. */
  const open: (Point | undefined)[] = [];
  const comments: (string | null)[] = [];
  let last: Point | null = null;
  let details: string | null = null;
  let isPlanned = false;
  let file: string | null = null;
  const adopt = (parent: Point | undefined, level: number) => {
    for (const inner of levels.splice(level + 1).flat()) parent?.inner.push(inner);
  };
  for (const raw of stripEscapes(text).split('\n')) {
    const line = raw.slice(0, maxLine).trimEnd();
    const indent = /^ */.exec(line)?.[0] ?? '';
    const words = line.slice(indent.length);
    if (details !== null) {
      if (words === '...' && indent === details) details = null;
      else last?.details.push(line.slice(details.length));
      continue;
    }
    if (words === '---' && last) {
      details = indent;
      continue;
    }
    const level = Math.floor(indent.length / 4);
    if (indent.length % 4 !== 0 || level > maxDepth) continue;
    // node-tap ends with a summary and writes no plan.
    if (level === 0 && /^(?:1\.\.\d+|# (?:time=|\{ total:))/.test(words)) isPlanned = true;
    else if (words === '}') {
      adopt(open[level], level);
      open[level] = undefined;
    } else if (words.startsWith('# file: ')) file = words.slice('# file: '.length) || null;
    else if (words.startsWith('# ')) comments[level] = isPlanned ? null : words.slice(2);
    const matched = point.exec(words);
    if (!matched) continue;
    last = createPoint(matched[1] !== undefined, matched[2] ?? '', comments[level] ?? null);
    if (/ \{$/.test(words)) open[level] = last;
    else adopt(last, level);
    while (levels.length <= level) levels.push([]);
    levels[level]?.push(last);
  }
  return { points: levels.flat(), isPlanned, file };
}

function createPoint(isFailed: boolean, description: string, comment: string | null): Point {
  const [, name = '', directive = ''] =
    /^(.*?)(?:(?<!\\)# *(skip\b|todo\b|time *=).*?)?(?: \{)?$/i.exec(description) ?? [];
  const isLeftOut = /^(skip|todo)/i.test(directive);
  const outcome = isLeftOut ? 'skipped' : isFailed ? 'failed' : 'passed';
  return { name: name.replaceAll('\\#', '#').trim(), outcome, details: [], inner: [], comment };
}

/** Reads the point with which QUnit says that a file could not be loaded. */
function readUnloaded(point: Point, folder: string): ReportedCase[] {
  const file = /^ *Error: Failed to load file (\S+)$/m.exec(point.details.join('\n'))?.[1];
  if (point.name !== 'global failure' || file === undefined) return [];
  return [testCase(relativePath(file, folder), [], 'failed', reportedOf([point]))];
}

/** Reads the results of one test file. Its name is that of the point. */
function readFile(file: Point, folder: string): ReportedCase[] {
  const isFile = /\.[cm]?[jt]sx?$/.test(file.name);
  return isFile ? readTest(file, relativePath(file.name, folder), []) : readTest(file, null, [file.name]);
}

function readTest(test: Point, file: string | null, names: string[]): ReportedCase[] {
  const isParent = test.inner.some(({ inner }) => inner.length > 0);
  // The points that a file contains itself are tests, because no subtest stands for them.
  const isTest = !isParent && names.length > 0;
  const cases = isTest
    ? []
    : test.inner.flatMap((inner) => readTest(inner, file, [...names, inner.name || 'unnamed']));
  const failed = cases.some(({ outcome }) => outcome === 'failed');
  const isMissing = isTest || (test.outcome === 'failed' && !failed);
  return isMissing
    ? [...cases, testCase(file, names, test.outcome, reportedOf([...test.inner, test]))]
    : cases;
}

/** Reads points without subtests. The points below one comment are one test. */
function readGroups(points: readonly Point[], file: string | null): ReportedCase[] {
  const groups: Point[][] = [];
  for (const one of points) {
    const group = groups.at(-1);
    if (one.comment !== null && group?.[0]?.comment === one.comment) group.push(one);
    else groups.push([one]);
  }
  return groups.map((group) => {
    const [first] = group;
    const outcomes = group.map(({ outcome }) => outcome);
    const isSkipped = outcomes.every((outcome) => outcome === 'skipped');
    const outcome = outcomes.includes('failed') ? 'failed' : isSkipped ? 'skipped' : 'passed';
    return testCase(file, [first?.comment || first?.name || 'unnamed'], outcome, reportedOf(group));
  });
}

function reportedOf(points: readonly Point[]): Reported {
  const failed = points.find(({ outcome, inner }) => outcome === 'failed' && inner.length === 0);
  if (!failed) return {};
  const details = failed.details.join('\n');
  return { message: failed.name || 'failed', trace: [failed.name, details].filter(Boolean).join('\n') };
}
