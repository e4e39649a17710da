import { z } from 'zod';
import type { ParsedReport } from '../runner.js';
import { relativePath, testCase } from './test-case.js';

const Line = z.union([
  z.object({ end: z.literal(true) }),
  z.object({
    file: z.string().nullable(),
    names: z.array(z.string()),
    outcome: z.enum(['passed', 'failed', 'skipped']),
    message: z.string().nullish(),
    trace: z.string().nullish(),
    output: z.string().nullish(),
  }),
]);

/**
 * Reads a report of Pullwright's own reporters, which are in reporters/. Each line describes one finished
 * test, and the last line is `{"end":true}`. A line without names means that a file could not be loaded.
 */
export function parseReporterLines(text: string): ParsedReport {
  const lines = readJsonLines(text, Line);
  const cases = lines.flatMap((line) =>
    'end' in line ? [] : [testCase(line.file && relativePath(line.file), line.names, line.outcome, line)],
  );
  return { cases, ended: lines.some((line) => 'end' in line) };
}

/** Reads one JSON value per line. Skips lines that do not match the schema, and an incomplete last line. */
export function readJsonLines<T>(text: string, schema: z.ZodType<T>): T[] {
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
