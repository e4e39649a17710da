import { z } from 'zod';
import type { TestCase } from '../../evidence.js';
import { relativePath, testCase } from '../parsers/test-case.js';

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

/**
 * Reads a JSON report of Jest or Vitest, which use the same format. A file that could not be loaded counts as
 * one failed test.
 * @throws Error if the text is not such a report or is incomplete
 */
export function parseJestReport(text: string): TestCase[] {
  return JestReport.parse(JSON.parse(text)).testResults.flatMap(
    ({ name, status, message, assertionResults }) => {
      const file = relativePath(name);
      const cases = assertionResults.map((one) =>
        testCase(
          file,
          [...one.ancestorTitles.filter(Boolean), one.title],
          outcomeOf(one.status),
          one.failureMessages?.[0],
        ),
      );
      // If a hook fails, Vitest reports a failed file but no failed test.
      const isExplained = status !== 'failed' || cases.some(({ outcome }) => outcome === 'failed');
      if (isExplained) return cases;
      return [
        ...cases,
        testCase(file, [], 'failed', message || 'The file could not be loaded, or a hook failed.'),
      ];
    },
  );
}

function outcomeOf(status: string): TestCase['outcome'] {
  if (status === 'passed') return 'passed';
  return status === 'failed' ? 'failed' : 'skipped';
}
