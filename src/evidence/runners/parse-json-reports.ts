import { z } from 'zod';
import type { TestCase } from '../evidence.js';
import { relative, testCase } from './test-case.js';

const Line = z.union([
  z.object({ end: z.literal(true) }),
  z.object({
    file: z.string().nullable(),
    names: z.array(z.string()),
    outcome: z.enum(['passed', 'failed', 'skipped']),
    message: z.string().nullish(),
  }),
]);

/**
 * Our own reporters' lines (reporters/). A file without names is one that could not be loaded.
 * @returns whether the runner came to its end, too
 */
export function parseLines(text: string): { cases: TestCase[]; ended: boolean } {
  const lines = jsonLines(text, Line);
  const cases = lines.flatMap((line) =>
    'end' in line ? [] : [testCase(line.file && relative(line.file), line.names, line.outcome, line.message)],
  );
  return { cases, ended: lines.some((line) => 'end' in line) };
}

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
      const cases = assertionResults.map((one) =>
        testCase(
          file,
          [...one.ancestorTitles.filter(Boolean), one.title],
          outcomeOf(one.status),
          one.failureMessages?.[0],
        ),
      );
      // Vitest leaves out what a failing hook kept from running, and the failure with it.
      const says = cases.some(({ outcome }) => outcome === 'failed') || status !== 'failed';
      return says
        ? cases
        : [...cases, testCase(file, [], 'failed', message || 'it could not be loaded, or a hook failed')];
    },
  );
}

function outcomeOf(status: string): TestCase['outcome'] {
  if (status === 'passed') return 'passed';
  return status === 'failed' ? 'failed' : 'skipped';
}

const GoLine = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
});

const goOutcomes: Partial<Record<string, TestCase['outcome']>> = {
  pass: 'passed',
  fail: 'failed',
  skip: 'skipped',
};

/**
 * `go test -json`. A package that does not compile, or that ends before its tests do, counts as a failed test.
 * @returns what go would have printed without `-json`, too
 */
export function parseGoLines(text: string): { cases: TestCase[]; output: string } {
  const cases: TestCase[] = [];
  const outputs = new Map<string, string>();
  /** With a failed test of their own: that the package failed says nothing more. */
  const explained = new Set<string>();
  let output = '';
  for (const { Action, Package, ImportPath, Test, Output = '' } of jsonLines(text, GoLine)) {
    const name = Package ?? ImportPath ?? '';
    const titles = [name, ...(Test ? [Test] : [])];
    const key = titles.join(' › ');
    output += Output;
    if (/output$/.test(Action)) outputs.set(key, `${outputs.get(key) ?? ''}${Output}`.slice(-2000));
    const outcome = goOutcomes[Action];
    if (Test && outcome === 'failed') explained.add(name);
    if (outcome && (Test || (outcome === 'failed' && !explained.has(name))))
      cases.push(
        testCase(
          null,
          titles,
          outcome,
          outputs
            .get(key)
            ?.replace(/^=== RUN .*\n/gm, '')
            .trim(),
        ),
      );
  }
  // Before Go 1.24, a package that does not compile is only told in words.
  for (const [line, name = ''] of text.matchAll(/^FAIL\t(\S+) \[(?:build|setup) failed\]/gm))
    cases.push(testCase(null, [name], 'failed', line));
  return { cases, output };
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
