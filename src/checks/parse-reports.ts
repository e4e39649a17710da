import { XMLParser } from 'fast-xml-parser';
import type { TestCase } from './evidence.js';
import type { Runner } from './find-commands.js';
import {
  parseGoLines,
  parseJestReport,
  parseMochaReport,
  parseNodeLines,
  parseRspecReport,
  relative,
  testCase,
} from './parse-json-reports.js';

/**
 * Reads what a runner reported.
 * @param reports the report files' texts
 * @param output what was printed, for runners that have no report
 * @returns the cases, and why there are none or not all
 */
export function parseReports(
  runner: Runner,
  reports: readonly string[],
  output: string,
): { cases: TestCase[]; note?: string } {
  if (runner === 'cargo') return { cases: numberTwins(parseCargoOutput(output)) };
  const parse = parsers[runner];
  if (!parse)
    return { cases: [], note: `the runner (${runner}) gives no report that can be read by a program` };
  if (reports.length === 0) return { cases: [], note: 'the runner left no report' };
  const cases: TestCase[] = [];
  let note: string | undefined;
  for (const report of reports) {
    try {
      cases.push(...parse(report));
    } catch (error) {
      // A runner that was killed leaves half a report. What is missing is said, not guessed.
      note = `a report could not be read: ${String((error as Error).message).slice(0, 200)}`;
    }
  }
  return { cases: numberTwins(cases), ...(note && { note }) };
}

const parsers: Partial<Record<Runner, (report: string) => TestCase[]>> = {
  'node:test': parseNodeLines,
  jest: parseJestReport,
  vitest: parseJestReport,
  mocha: parseMochaReport,
  rspec: parseRspecReport,
  go: parseGoLines,
  pytest: parseJunit,
  maven: parseJunit,
  gradle: parseJunit,
  phpunit: parseJunit,
  dotnet: parseTrx,
};

type Node = Record<string, unknown>;

const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'UnitTestResult'].includes(name),
});

/** JUnit's XML, as pytest, Maven, Gradle and PHPUnit write it. */
export function parseJunit(text: string): TestCase[] {
  const visit = (node: Node): TestCase[] => [
    ...nodes(node.testsuite).flatMap(visit),
    ...nodes(node.testcase).map((one) => {
      const failure = one.failure ?? one.error;
      const file = typeof one['@file'] === 'string' ? relative(one['@file']) : null;
      const outcome = failure !== undefined ? 'failed' : one.skipped !== undefined ? 'skipped' : 'passed';
      // With the file known, the class says the same again in other words.
      const group = file
        ? [lastPart(String(one['@classname'] ?? ''), file)]
        : [String(one['@classname'] ?? '')];
      return testCase(file, [...group, String(one['@name'] ?? '')].filter(Boolean), outcome, textOf(failure));
    }),
  ];
  const document = xml.parse(text) as Node;
  return visit({ ...document, ...((document.testsuites as Node | undefined) ?? {}) });
}

/** The .NET test results format. */
export function parseTrx(text: string): TestCase[] {
  const run = (xml.parse(text) as { TestRun?: { Results?: Node } }).TestRun;
  return nodes(run?.Results?.UnitTestResult).map((one) => {
    const outcome =
      one['@outcome'] === 'Passed' ? 'passed' : one['@outcome'] === 'Failed' ? 'failed' : 'skipped';
    return testCase(
      null,
      [String(one['@testName'] ?? '')],
      outcome,
      textOf((one.Output as Node | undefined)?.ErrorInfo),
    );
  });
}

/** libtest has no stable report: its lines are `test name ... ok`. */
export function parseCargoOutput(output: string): TestCase[] {
  return [...output.matchAll(/^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/gm)].map(
    ([, name = '', word]) =>
      testCase(null, [name], word === 'ok' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped'),
  );
}

/** `tests.test_x.TestClass` of the file tests/test_x.py is `TestClass`. */
function lastPart(classname: string, file: string): string {
  const module = file.replace(/\.\w+$/, '').replaceAll('/', '.');
  return classname.startsWith(module) ? classname.slice(module.length + 1) : classname;
}

function textOf(node: unknown): string | undefined {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return textOf(node[0]);
  if (node === null || typeof node !== 'object') return undefined;
  const {
    '@message': message,
    '#text': text,
    Message,
  } = node as { '@message'?: string; '#text'?: string; Message?: string };
  return [message ?? Message, text].filter(Boolean).join('\n') || 'failed';
}

function nodes(value: unknown): Node[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter(
    (one): one is Node => one !== null && typeof one === 'object',
  );
}

/** Tests of the same name are told apart by their order. */
function numberTwins(cases: readonly TestCase[]): TestCase[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const count = (seen.get(one.id) ?? 0) + 1;
    seen.set(one.id, count);
    return count === 1 ? one : { ...one, id: `${one.id} (${count})` };
  });
}
