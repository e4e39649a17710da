import { z } from 'zod';
import type { TestCase } from '../../evidence.js';
import { type Reported, type ReportedCase, relativePath, testCase } from '../parsers/test-case.js';
import { type ConsoleOutput, findOutput } from './console-output.js';

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
 * @param printed what the tests of each file printed. It is given to the first failure of the file.
 * @throws Error if the text is not such a report or is incomplete
 */
export function parseJestReport(text: string, printed: ConsoleOutput): ReportedCase[] {
  return JestReport.parse(JSON.parse(text)).testResults.flatMap(
    ({ name, status, message, assertionResults }) => {
      const file = relativePath(name);
      const cases = assertionResults.map((one) =>
        testCase(
          file,
          [...one.ancestorTitles.filter(Boolean), one.title],
          outcomeOf(one.status),
          readMessages(one.failureMessages ?? []),
        ),
      );
      // If a hook fails, Vitest reports a failed file but no failed test.
      if (status === 'failed' && cases.every(({ outcome }) => outcome !== 'failed'))
        cases.push(testCase(file, [], 'failed', { message: message?.replace(heading, '') || notLoaded }));
      const failed = cases.find(({ outcome }) => outcome === 'failed');
      if (failed) failed.reported = { ...failed.reported, output: findOutput(printed, file) };
      return cases;
    },
  );
}

const notLoaded = 'The file could not be loaded, or a hook failed.';
/** Jest prints this line above the error of a file that it could not load. */
const heading = /^\s*● Test suite failed to run\s*/;
const maxMessages = 3;

function readMessages(messages: readonly string[]): Reported {
  return { message: messages[0], trace: messages.slice(0, maxMessages).join('\n\n') };
}

function outcomeOf(status: string): TestCase['outcome'] {
  if (status === 'passed') return 'passed';
  return status === 'failed' ? 'failed' : 'skipped';
}
