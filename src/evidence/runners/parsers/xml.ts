import { XMLParser } from 'fast-xml-parser';
import { type Reported, type ReportedCase, relativePath, testCase } from './test-case.js';

export type XmlNode = Record<string, unknown>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  // Reports write line breaks in attributes as numbers.
  htmlEntities: true,
  isArray: (name) => ['testsuite', 'testcase', 'UnitTestResult'].includes(name),
});

/** @throws Error if the text is not complete, well-formed XML */
export function parseXml(text: string): XmlNode {
  return parser.parse(text, true) as XmlNode;
}

/**
 * Reads a report in JUnit's XML format, which many test runners write.
 * @param folder the folder in which the tests ran
 * @throws Error if the text is not complete, well-formed XML
 */
export function parseJunit(text: string, folder = ''): ReportedCase[] {
  const visit = (node: XmlNode): ReportedCase[] => {
    // Some runners report only what all tests of a suite printed. It is given to the first failure.
    let left = outputOf(node);
    const read = (one: XmlNode) => {
      const failure = one.failure ?? one.error;
      const file = typeof one['@file'] === 'string' ? relativePath(one['@file'], folder) : null;
      const outcome = failure !== undefined ? 'failed' : one.skipped !== undefined ? 'skipped' : 'passed';
      const titles = [String(one['@classname'] ?? one['@class'] ?? ''), String(one['@name'] ?? '')];
      const reported = { ...readFailure(failure), output: outputOf(one) || left };
      if (outcome === 'failed') left = '';
      return testCase(file, titles.filter(Boolean), outcome, reported);
    };
    return [...childNodes(node.testsuite).flatMap(visit), ...childNodes(node.testcase).map(read)];
  };
  const document = parseXml(text);
  return visit({ ...document, ...((document.testsuites as XmlNode | undefined) ?? {}) });
}

function outputOf(node: XmlNode): string {
  return ['system-out', 'system-err']
    .map((name) => textOf(node[name]))
    .filter(Boolean)
    .join('\n');
}

/** Reads a failure of a JUnit or .NET report. Returns {} if there is no failure. */
export function readFailure(node: unknown): Reported {
  if (Array.isArray(node)) return readFailure(node[0]);
  if (typeof node === 'string') return { message: node || 'failed' };
  if (node === null || typeof node !== 'object') return {};
  const { '@message': message, Message, StackTrace, ...rest } = node as XmlNode;
  // PHPUnit begins the text with the name of the test.
  const trace = (textOf(rest) || textOf(StackTrace)).replace(/^[\w\\]+::\w.*\n/, '');
  return { message: textOf(message) || textOf(Message) || trace || 'failed', trace };
}

/** Returns the text of an element, with or without attributes. */
export function textOf(node: unknown): string {
  if (typeof node === 'string') return node;
  if (node === null || typeof node !== 'object') return '';
  const { '#text': text } = node as XmlNode;
  return typeof text === 'string' ? text : '';
}

export function childNodes(value: unknown): XmlNode[] {
  return (Array.isArray(value) ? value : [value]).filter(
    (one): one is XmlNode => one !== null && typeof one === 'object',
  );
}
