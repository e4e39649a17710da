import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { TestCase } from './evidence.js';

/** Where the sandbox shows the repository: reports name absolute paths. */
const root = '/workspace/';
const maxMessage = 1000;

const JestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().nullish(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** Jest's `--json`, and Vitest's, which has the same shape. A file that could not be loaded counts as one failed test. */
export function parseJestReport(text: string): TestCase[] {
  return JestReport.parse(JSON.parse(text)).testResults.flatMap(
    ({ name, status, message, assertionResults }) => {
      const file = relative(name);
      if (assertionResults.length === 0)
        return status === 'failed'
          ? [testCase(file, [], 'failed', message ?? 'the file could not be loaded')]
          : [];
      return assertionResults.map((one) =>
        testCase(
          file,
          [...one.ancestorTitles.filter(Boolean), one.title],
          outcomeOf(one.status),
          one.failureMessages?.[0],
        ),
      );
    },
  );
}

const MochaTest = z.object({
  fullTitle: z.string(),
  file: z.string().nullish(),
  err: z.object({ message: z.string().optional() }).nullish(),
});
const MochaReport = z.object({
  passes: z.array(MochaTest),
  failures: z.array(MochaTest),
  pending: z.array(MochaTest),
});

export function parseMochaReport(text: string): TestCase[] {
  const { passes, failures, pending } = MochaReport.parse(JSON.parse(text));
  const convert = (tests: z.infer<typeof MochaTest>[], outcome: TestCase['outcome']) =>
    tests.map(({ file, fullTitle, err }) =>
      testCase(file ? relative(file) : null, [fullTitle], outcome, err?.message),
    );
  return [...convert(passes, 'passed'), ...convert(failures, 'failed'), ...convert(pending, 'skipped')];
}

const RspecReport = z.object({
  examples: z.array(
    z.object({
      full_description: z.string(),
      status: z.string(),
      file_path: z.string(),
      exception: z.object({ message: z.string() }).nullish(),
    }),
  ),
});

export function parseRspecReport(text: string): TestCase[] {
  return RspecReport.parse(JSON.parse(text)).examples.map(
    ({ full_description, status, file_path, exception }) =>
      testCase(relative(file_path), [full_description], outcomeOf(status), exception?.message),
  );
}

const NodeLine = z.object({
  file: z.string().nullish(),
  names: z.array(z.string().nullable()),
  suite: z.boolean(),
  failed: z.boolean(),
  skip: z.boolean(),
  message: z.string().optional(),
});

/** Our own reporter's lines (reporters.ts). Suites are no tests of their own. */
export function parseNodeLines(text: string): TestCase[] {
  return jsonLines(text, NodeLine).flatMap(({ file, names, suite, failed, skip, message }) => {
    if (suite && !failed) return [];
    const path = file ? relative(file) : null;
    const titles = names.flatMap((name) => name ?? []);
    // A file that fails as a whole is reported as a test with the file's name.
    const own = titles.length === 1 && path !== null && relative(titles[0] ?? '') === path ? [] : titles;
    if (suite && own.length > 0) return [];
    if (!failed && own.length === 0) return [];
    return [testCase(path, own, skip ? 'skipped' : failed ? 'failed' : 'passed', message)];
  });
}

const GoLine = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
});

/** `go test -json`. A package that does not compile counts as one failed test. */
export function parseGoLines(text: string): TestCase[] {
  const cases: TestCase[] = [];
  const outputs = new Map<string, string>();
  for (const { Action, Package: name = '', Test, Output = '' } of jsonLines(text, GoLine)) {
    const key = Test ? `${name} › ${Test}` : name;
    if (Action === 'output') outputs.set(key, `${outputs.get(key) ?? ''}${Output}`.slice(0, maxMessage));
    const outcome = { pass: 'passed', fail: 'failed', skip: 'skipped' }[Action] as
      | TestCase['outcome']
      | undefined;
    const packageFailed =
      !Test &&
      outcome === 'failed' &&
      !cases.some(({ id, outcome: one }) => one === 'failed' && id.startsWith(`${name} › `));
    if (!outcome || (!Test && !packageFailed)) continue;
    cases.push({
      id: key,
      file: null,
      outcome,
      ...(outcome === 'failed' && { message: shorten(outputs.get(key)) }),
    });
  }
  return cases;
}

export function testCase(
  file: string | null,
  titles: readonly string[],
  outcome: TestCase['outcome'],
  message?: string | null,
): TestCase {
  const id = [file, ...titles].filter(Boolean).join(' › ').replace(/\s+/g, ' ');
  return { id, file, outcome, ...(outcome === 'failed' && message && { message: shorten(message) }) };
}

export function relative(file: string): string {
  return file
    .replace(/^file:\/\//, '')
    .replace(root, '')
    .replace(/^\.\//, '');
}

/** Colours and escapes of a terminal say nothing in a report. */
function shorten(message = ''): string {
  return stripVTControlCharacters(message).slice(0, maxMessage).toWellFormed();
}

function outcomeOf(status: string): TestCase['outcome'] {
  if (status === 'passed') return 'passed';
  return status === 'failed' ? 'failed' : 'skipped';
}

/** A report that was cut off ends in half a line: what is whole counts. */
function jsonLines<T>(text: string, schema: z.ZodType<T>): T[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      const parsed = schema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
}
