import { XMLParser } from 'fast-xml-parser';
import type { TestCase } from '../evidence.js';
import { relative, testCase } from './test-case.js';

type Node = Record<string, unknown>;

const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'UnitTestResult'].includes(name),
});

/** JUnit's XML, as Maven, Gradle and PHPUnit write it. */
export function parseJunit(text: string): TestCase[] {
  const visit = (node: Node): TestCase[] => [
    ...nodes(node.testsuite).flatMap(visit),
    ...nodes(node.testcase).map((one) => {
      const failure = one.failure ?? one.error;
      const file = typeof one['@file'] === 'string' ? relative(one['@file']) : null;
      const outcome = failure !== undefined ? 'failed' : one.skipped !== undefined ? 'skipped' : 'passed';
      const titles = [String(one['@classname'] ?? one['@class'] ?? ''), String(one['@name'] ?? '')];
      return testCase(file, titles.filter(Boolean), outcome, textOf(failure));
    }),
  ];
  const document = xml.parse(text, true) as Node;
  return visit({ ...document, ...((document.testsuites as Node | undefined) ?? {}) });
}

/** The .NET test results format. */
export function parseTrx(text: string): TestCase[] {
  const run = (xml.parse(text, true) as { TestRun?: { Results?: Node } }).TestRun;
  return nodes(run?.Results?.UnitTestResult).map((one) => {
    const outcome =
      one['@outcome'] === 'Passed' ? 'passed' : one['@outcome'] === 'Failed' ? 'failed' : 'skipped';
    const output = one.Output as Node | undefined;
    return testCase(null, [String(one['@testName'] ?? '')], outcome, textOf(output?.ErrorInfo));
  });
}

function textOf(node: unknown): string | undefined {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return textOf(node[0]);
  if (node === null || typeof node !== 'object') return undefined;
  const { '@message': said, '#text': text, Message } = node as Record<string, string | undefined>;
  return [said ?? Message, text].filter(Boolean).join('\n') || 'failed';
}

function nodes(value: unknown): Node[] {
  return (Array.isArray(value) ? value : [value]).filter(
    (one): one is Node => one !== null && typeof one === 'object',
  );
}
