import path from 'node:path';
import { stripEscapes } from '../../../text/strip-escapes.js';
import type { TestCase } from '../../evidence.js';

/** A test result as a report describes it. */
export interface ReportedCase extends TestCase {
  /** The report's texts about the failure. The evidence contains only the beginning of the message. */
  reported?: Reported;
}

/** What a report says about a failed test. A report does not have to contain every part. */
export interface Reported {
  message?: string | null | undefined;
  /** The error with its stack. */
  trace?: string | null | undefined;
  /** What the test printed. */
  output?: string | null | undefined;
}

/** The repository's folder in the sandbox. Reports contain absolute paths that start with it. */
const root = '/workspace/';
const maxMessage = 1000;
/** Maximum length of a test id, in characters. Code under test can choose a name of any length. */
const maxId = 2000;
const maxLevels = 30;

/**
 * Creates a test result for the evidence. The test's id must be the same in every run, so it contains nothing
 * that depends on the machine or the build.
 */
export function testCase(
  file: string | null,
  titles: readonly string[],
  outcome: TestCase['outcome'],
  reported: Reported = {},
): ReportedCase {
  const id = [file, ...titles]
    .filter(Boolean)
    .join(' › ')
    .slice(0, 2 * maxId)
    .replace(/\s+/g, ' ')
    .slice(0, maxId)
    .toWellFormed();
  if (outcome !== 'failed') return { id, file, outcome };
  const message = stripEscapes(reported.message ?? '')
    .trim()
    .slice(0, maxMessage)
    .toWellFormed();
  return { id, file, outcome, ...(message && { message }), reported };
}

/** Returns the ids of a test's parents. For example, the parents of `a › b › c` are `a` and `a › b`. */
export function parentsOf(id: string): string[] {
  const parts = id.split(' › ', maxLevels + 1);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(' › '));
}

/**
 * Turns a path from a report into a path relative to the repository's root.
 * @param folder the folder to which a relative path in the report belongs
 */
export function relativePath(file: string, folder = ''): string {
  const place = file.replace(/^file:\/\//, '');
  return path.posix.isAbsolute(place) ? place.replace(root, '') : path.posix.join(folder, place);
}
