import { XMLParser } from 'fast-xml-parser';
import type { TestCase } from '../../evidence.js';
import { relativePath, testCase } from './test-case.js';

export type XmlNode = Record<string, unknown>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'UnitTestResult'].includes(name),
});

/** @throws Error if the text is not complete, well-formed XML */
export function parseXml(text: string): XmlNode {
  return parser.parse(text, true) as XmlNode;
}

/**
 * Reads a report in JUnit's XML format, which many test runners write.
 * @throws Error if the text is not complete, well-formed XML
 */
export function parseJunit(text: string): TestCase[] {
  const visit = (node: XmlNode): TestCase[] => [
    ...childNodes(node.testsuite).flatMap(visit),
    ...childNodes(node.testcase).map((one) => {
      const failure = one.failure ?? one.error;
      const file = typeof one['@file'] === 'string' ? relativePath(one['@file']) : null;
      const outcome = failure !== undefined ? 'failed' : one.skipped !== undefined ? 'skipped' : 'passed';
      const titles = [String(one['@classname'] ?? one['@class'] ?? ''), String(one['@name'] ?? '')];
      return testCase(file, titles.filter(Boolean), outcome, failureText(failure));
    }),
  ];
  const document = parseXml(text);
  return visit({ ...document, ...((document.testsuites as XmlNode | undefined) ?? {}) });
}

/**
 * Returns the message and the details of a failure in a JUnit or .NET report; undefined if there is no
 * failure.
 */
export function failureText(node: unknown): string | undefined {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return failureText(node[0]);
  if (node === null || typeof node !== 'object') return undefined;
  const { '@message': message, '#text': text, Message } = node as Record<string, string | undefined>;
  return [message ?? Message, text].filter(Boolean).join('\n') || 'failed';
}

export function childNodes(value: unknown): XmlNode[] {
  return (Array.isArray(value) ? value : [value]).filter(
    (one): one is XmlNode => one !== null && typeof one === 'object',
  );
}
